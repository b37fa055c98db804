import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import PasswordIcon from '@mui/icons-material/Password';
import VisibilityIcon from '@mui/icons-material/VisibilityOutlined';
import VisibilityOffIcon from '@mui/icons-material/VisibilityOffOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Control, ControlProps } from '../contract';
import { type InputProps, inputDefaults, inputSchema } from '../input/settings';
import { readText, writeText } from '../input/text';
import { TypedInput } from '../input/TypedInput';

type PasswordProps = InputProps & { reveal: boolean; autoComplete: 'new-password' | 'current-password' | 'off' };

function Password(control: ControlProps<PasswordProps>) {
  const { t } = useTranslation('controls');
  const [clear, setClear] = useState(false);
  const { reveal, autoComplete } = control.props;
  const end = (
    <InputAdornment position="end">
      <IconButton
        aria-label={t(clear ? 'password.hide' : 'password.show')}
        aria-pressed={clear}
        disabled={control.disabled}
        edge="end"
        onClick={() => setClear(!clear)}
      >
        {clear ? <VisibilityOffIcon fontSize="small" /> : <VisibilityIcon fontSize="small" />}
      </IconButton>
    </InputAdornment>
  );
  return (
    <TypedInput
      control={control}
      type={clear && reveal ? 'text' : 'password'}
      read={readText}
      write={writeText}
      input={{ autoComplete, spellCheck: false }}
      {...(reveal && { end })}
    />
  );
}

/** Text that is not shown while it is typed. */
export const control: Control<PasswordProps> = {
  type: 'password',
  title: 'controls:password.title',
  icon: PasswordIcon,
  group: 'input',
  schema: {
    ...inputSchema,
    reveal: { kind: 'boolean', label: 'controls:password.reveal', group: 'behaviour', default: true },
    autoComplete: {
      kind: 'enum',
      label: 'controls:password.autoComplete',
      group: 'behaviour',
      default: 'new-password',
      options: [
        { value: 'new-password', label: 'controls:password.new' },
        { value: 'current-password', label: 'controls:password.current' },
        { value: 'off', label: 'controls:password.off' },
      ],
    },
  },
  defaults: { ...inputDefaults, reveal: true, autoComplete: 'new-password' },
  bind: { kinds: ['string'] },
  View: Password,
};
