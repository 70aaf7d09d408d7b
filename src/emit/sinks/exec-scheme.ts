/** In front of a command that gets rows; by itself, so that nothing is loaded for it. */
export const execScheme = 'exec:';
