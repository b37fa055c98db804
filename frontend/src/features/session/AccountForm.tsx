import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import VisibilityIcon from '@mui/icons-material/VisibilityOutlined';
import VisibilityOffIcon from '@mui/icons-material/VisibilityOffOutlined';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError, violationOf } from '@/api';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { useTitle } from '@/ui/PageFrame';

/** The fields that forms of this feature are made of; the order is that of the form. */
export type FieldName = 'tenantName' | 'displayName' | 'email' | 'password' | 'newPassword';

export type Values = Record<FieldName, string>;

interface AccountFormProps {
  title: string;
  text?: string;
  fields: readonly FieldName[];
  /** What stands in fields at first. */
  initial?: Partial<Values>;
  submit: string;
  busy: boolean;
  error: unknown;
  onSubmit: (values: Values) => void;
  /** Other ways to go, below the form. */
  footer?: ReactNode;
}

const autoComplete = {
  tenantName: 'organization',
  displayName: 'name',
  email: 'username',
  password: 'current-password',
  newPassword: 'new-password',
} as const;

/** A card with one form: what the server finds wrong stands on the field, everything else above. */
export function AccountForm({ title, text, fields, initial, submit, busy, error, onSubmit, footer }: AccountFormProps) {
  const { t } = useTranslation('session');
  const [values, setValues] = useState<Values>({ tenantName: '', displayName: '', email: '', password: '', newPassword: '', ...initial });
  useTitle(title);
  const problem = (field: FieldName) => violationOf(error, field === 'newPassword' ? 'password' : field);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit(values);
  };
  const onFields = fields.some((field) => problem(field) !== undefined);
  return (
    <Card>
      <Typography variant="h1" sx={{ mb: text === undefined ? 2.5 : 0.5 }}>
        {title}
      </Typography>
      {text !== undefined && (
        <Typography variant="body2" sx={{ color: 'text.secondary', mb: 2.5 }}>
          {text}
        </Typography>
      )}
      <Box component="form" onSubmit={send} sx={{ display: 'grid', gap: 2 }}>
        {!onFields && <FormError error={error} />}
        {fields.map((field, i) => (
          <Field
            key={field}
            name={field}
            label={t(`field.${field}`)}
            help={field === 'newPassword' ? t('passwordHelp') : undefined}
            problem={problem(field)}
            value={values[field]}
            first={i === fields.findIndex((one) => (initial?.[one] ?? '') === '')}
            onChange={(value) => setValues((before) => ({ ...before, [field]: value }))}
          />
        ))}
        <Button type="submit" variant="contained" size="medium" loading={busy} sx={{ mt: 0.5 }}>
          {submit}
        </Button>
      </Box>
      {footer !== undefined && (
        <Typography variant="body2" component="div" sx={{ mt: 2.5, color: 'text.secondary' }}>
          {footer}
        </Typography>
      )}
    </Card>
  );
}

/** Reasons with words of our own, in the user's language. */
const reasons = ['WRONG_CREDENTIALS', 'LINK_INVALID', 'SETUP_DONE', 'SIGN_UP_CLOSED', 'USER_EXISTS', 'USER_DISABLED', 'RATE_LIMITED'];

function FormError({ error }: { error: unknown }) {
  const { t } = useTranslation('session');
  if (isApiError(error) && reasons.includes(error.reason)) return <Alert severity="error">{t(`reason.${error.reason}`)}</Alert>;
  return <ErrorNotice error={error} />;
}

interface FieldProps {
  name: FieldName;
  label: string;
  help: string | undefined;
  problem: string | undefined;
  value: string;
  first: boolean;
  onChange: (value: string) => void;
}

function Field({ name, label, help, problem, value, first, onChange }: FieldProps) {
  const { t } = useTranslation('session');
  const [shown, setShown] = useState(false);
  const secret = name === 'password' || name === 'newPassword';
  return (
    <TextField
      name={name}
      label={label}
      type={secret && !shown ? 'password' : name === 'email' ? 'email' : 'text'}
      autoFocus={first}
      autoComplete={autoComplete[name]}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      error={problem !== undefined}
      helperText={problem ?? help}
      slotProps={{
        htmlInput: { maxLength: 300, required: true },
        ...(secret && {
          input: {
            endAdornment: (
              <InputAdornment position="end">
                <IconButton edge="end" aria-label={t(shown ? 'hidePassword' : 'showPassword')} onClick={() => setShown(!shown)}>
                  {shown ? <VisibilityOffIcon fontSize="small" /> : <VisibilityIcon fontSize="small" />}
                </IconButton>
              </InputAdornment>
            ),
          },
        }),
      }}
    />
  );
}

/** The card in the middle of the pages without a shell. */
export function Card({ children }: { children: ReactNode }) {
  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'flex', flexDirection: 'column', alignItems: 'center', px: 2, py: { xs: 4, sm: 10 } }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, mb: 3, fontWeight: 700, fontSize: '1.125rem' }}>
        <img src="/icon.svg" alt="" width={28} height={28} />
        Aqtra
      </Box>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 380, p: { xs: 2.5, sm: 3.5 } }}>
        {children}
      </Paper>
    </Box>
  );
}
