import { createTheme } from '@mui/material/styles';

const sans = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif";
/** For code and expressions; use it as theme.vars is used: fontFamily: 'var(--aqtra-mono)'. */
const mono = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace";

/** Calm and dense: one accent colour, thin borders in place of shadows, small controls. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-theme', cssVarPrefix: 'aqtra' },
  colorSchemes: {
    light: {
      palette: {
        contrastThreshold: 4.5,
        primary: { main: '#4750d6', dark: '#3840b4', light: '#7b82e8', contrastText: '#ffffff' },
        background: { default: '#f5f6f8', paper: '#ffffff' },
        text: { primary: '#16181d', secondary: '#545b68' },
        divider: '#e3e5ea',
        success: { main: '#177245' },
        warning: { main: '#9a5b00' },
        error: { main: '#c22b32' },
        info: { main: '#2b62b8' },
      },
    },
    dark: {
      palette: {
        contrastThreshold: 4.5,
        primary: { main: '#9ba1ff', dark: '#7f86f2', light: '#bcc0ff', contrastText: '#14161c' },
        background: { default: '#111217', paper: '#191b23' },
        text: { primary: '#eceef3', secondary: '#a9afbc' },
        divider: '#2d303b',
        // The darker shades are behind the text of notices.
        success: { main: '#57c08a', dark: '#4bb07c' },
        warning: { main: '#e8a44a', dark: '#d69540' },
        error: { main: '#f07a7f', dark: '#e06a6f' },
        info: { main: '#7fb0f5', dark: '#6fa0e5' },
      },
    },
  },
  shape: { borderRadius: 6 },
  typography: {
    fontFamily: sans,
    fontSize: 13,
    h1: { fontSize: '1.375rem', fontWeight: 700, lineHeight: 1.3, letterSpacing: '-0.01em' },
    h2: { fontSize: '1rem', fontWeight: 600, lineHeight: 1.4 },
    h3: { fontSize: '0.8125rem', fontWeight: 600, lineHeight: 1.4 },
    body1: { fontSize: '0.875rem', lineHeight: 1.5 },
    body2: { fontSize: '0.8125rem', lineHeight: 1.5 },
    caption: { fontSize: '0.75rem' },
    button: { textTransform: 'none', fontWeight: 500 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        ':root': { '--aqtra-mono': mono },
        'html, body, #root': { height: '100%' },
        'code, kbd, pre': { fontFamily: mono },
      },
    },
    // A ring beside the ripple, which is faint and goes.
    MuiButtonBase: { styleOverrides: { root: { '&.Mui-focusVisible': { outline: '2px solid var(--aqtra-palette-primary-main)', outlineOffset: -2 } } } },
    MuiButton: { defaultProps: { size: 'small', disableElevation: true }, styleOverrides: { root: { paddingInline: 12, minHeight: 30, '&.Mui-focusVisible': { outlineOffset: 2 } } } },
    MuiInputBase: {
      // Else each input of a page adds a style sheet of its own to the document; the keyframes are in index.css.
      defaultProps: { disableInjectingGlobalStyles: true },
      styleOverrides: {
        input: {
          animation: '10ms mui-auto-fill-cancel',
          '&:-webkit-autofill': { animation: '5000s mui-auto-fill' },
        },
      },
    },
    // It says why, so it must be read.
    MuiFormHelperText: { styleOverrides: { root: { '&.Mui-disabled': { color: 'var(--aqtra-palette-text-secondary)' } } } },
    MuiIconButton: { defaultProps: { size: 'small' } },
    MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
    MuiPaper: { styleOverrides: { root: { backgroundImage: 'none' } } },
    MuiCard: { defaultProps: { variant: 'outlined' } },
    MuiTooltip: { defaultProps: { enterDelay: 400 } },
    MuiTableCell: {
      styleOverrides: {
        root: {
          padding: '8px 16px', fontSize: '0.8125rem', borderColor: 'var(--aqtra-palette-divider)',
          '@media (max-width: 599.95px)': { paddingInline: 10 },
        },
        head: { fontWeight: 600, fontSize: '0.75rem' },
      },
    },
    MuiListItemButton: { styleOverrides: { root: { borderRadius: 6 } } },
    MuiMenuItem: { styleOverrides: { root: { fontSize: '0.8125rem', minHeight: 32 } } },
    MuiChip: { defaultProps: { size: 'small' }, styleOverrides: { root: { fontWeight: 500 } } },
    MuiLink: { defaultProps: { underline: 'hover' } },
  },
});
