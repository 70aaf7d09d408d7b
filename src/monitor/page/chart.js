// Lines over time, with what they are at the pointer.
import { find, svgElement } from './elements.js';
import { visible } from './format.js';

/**
 * @param {SVGSVGElement} svg
 * @param {{ values: (number | undefined)[], color: string, name: string }[]} lines
 * @param {string[]} labels
 * @param {{ format: (value: number) => string, limit?: number | undefined, isArea?: boolean }} options
 */
export function drawChart(svg, lines, labels, { format, limit, isArea }) {
  const { clientWidth: width, clientHeight: height } = svg;
  svg.replaceChildren();
  if (width === 0) return;
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const count = labels.length;
  const known = lines.flatMap(({ values }) =>
    values.filter((value) => value !== undefined && value !== null),
  );
  const most = Math.max(...known, 0);
  const high = most || 1;
  // A limit that is far away would press the line flat.
  const top = limit !== undefined && limit <= 4 * high ? Math.max(high, limit) : high;
  const low = Math.min(...known, 0);
  const xOf = (/** @type {number} */ index) => (count > 1 ? (index * width) / (count - 1) : width);
  // Room for the scale above and the labels below.
  const yOf = (/** @type {number} */ value) => 14 + ((height - 32) * (top - value)) / (top - low);
  svg.append(svgElement('line', { class: 'axis', x1: 0, x2: width, y1: yOf(0), y2: yOf(0) }));
  if (limit !== undefined && limit <= top)
    svg.append(svgElement('line', { class: 'limit', x1: 0, x2: width, y1: yOf(limit), y2: yOf(limit) }));
  for (const { values, color } of lines) {
    for (const run of runsOf(values)) {
      const points = run.map(([index, value]) => `${xOf(index).toFixed(1)},${yOf(value).toFixed(1)}`);
      const [first, last] = [run[0], run.at(-1)];
      if (!first || !last) continue;
      if (isArea)
        svg.append(
          svgElement('path', {
            class: 'area',
            d: `M${xOf(first[0])},${yOf(0)}L${points.join('L')}L${xOf(last[0])},${yOf(0)}Z`,
          }),
        );
      const path = svgElement('path', {
        class: 'stroke',
        d: `M${points.join('L')}${run.length === 1 ? 'h0.1' : ''}`,
      });
      path.style.stroke = color;
      svg.append(path);
    }
  }
  if (most > 0) svg.append(svgElement('text', { x: 0, y: 10 }, format(top)));
  svg.onmousemove = (event) => showTip(event, svg, lines, labels, format, xOf);
  svg.onmouseleave = () => (find('#tip').hidden = true);
  const [first, last] = [labels[0], labels.at(-1)];
  if (first === undefined || last === undefined || count < 2) return;
  svg.append(svgElement('text', { x: 0, y: height }, first));
  svg.append(svgElement('text', { x: width, y: height, 'text-anchor': 'end' }, last));
}

/** Runs of values that are there. @param {(number | undefined)[]} values @returns {[number, number][][]} */
function runsOf(values) {
  /** @type {[number, number][][]} */
  const runs = [];
  let isOpen = false;
  for (const [index, value] of values.entries()) {
    const isThere = value !== undefined && value !== null;
    if (isThere && !isOpen) runs.push([]);
    if (isThere) runs.at(-1)?.push([index, value]);
    isOpen = isThere;
  }
  return runs;
}

/**
 * @param {MouseEvent} event @param {SVGSVGElement} svg
 * @param {{ values: (number | undefined)[], name: string }[]} lines @param {string[]} labels
 * @param {(value: number) => string} format @param {(index: number) => number} xOf
 */
function showTip(event, svg, lines, labels, format, xOf) {
  const tip = find('#tip');
  const { left, width, height } = svg.getBoundingClientRect();
  const index = Math.round(((event.clientX - left) / width) * (labels.length - 1));
  if (labels[index] === undefined) return;
  find('.cursor', svg)?.remove();
  svg.append(svgElement('line', { class: 'cursor', x1: xOf(index), x2: xOf(index), y1: 0, y2: height }));
  const said = lines.flatMap(({ values, name }) => {
    const value = values[index];
    return value === undefined || value === null
      ? []
      : [`${name ? `${visible(name)}  ` : ''}${format(value)}`];
  });
  tip.textContent = [labels[index], ...said].join('\n');
  tip.hidden = false;
  const isRight = event.clientX > window.innerWidth / 2;
  tip.style.left = `${event.clientX + (isRight ? -12 - tip.offsetWidth : 12)}px`;
  tip.style.top = `${event.clientY + 12}px`;
}
