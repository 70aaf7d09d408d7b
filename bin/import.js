/** @param {string} specifier */
module.exports = (specifier) => import(specifier);
