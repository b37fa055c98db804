import Button from '@mui/material/Button';
import SmartButtonIcon from '@mui/icons-material/SmartButtonOutlined';
import { skipToken } from '@reduxjs/toolkit/query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api';
import { readAction } from '../action/read';
import { useAct } from '../action/useAct';
import type { Action, Control, ControlProps } from '../contract';
import { type IconName, iconOptions, icons, isIcon } from './icons';
import { mayUse } from './may';

interface ButtonProps {
  label: string;
  icon: IconName;
  variant: 'auto' | 'primary' | 'secondary' | 'text';
  color: 'accent' | 'danger';
  action: Action | undefined;
  confirm: string;
  roles: readonly string[];
  disabled: boolean;
}

/** Going elsewhere is not what a page is for: such a button steps back behind the others. */
const quiet: ReadonlySet<Action['type'] | undefined> = new Set(['open-page', 'open-component', 'navigate-back', 'close']);

const variants = { primary: 'contained', secondary: 'outlined', text: 'text' } as const;

function ActionButton({ props, name, disabled, mode, dispatch }: ControlProps<ButtonProps>) {
  const { t } = useTranslation('controls');
  const { data: session } = api.useGetCurrentSessionQuery(props.roles.length === 0 ? skipToken : undefined);
  const { busy, act, dialog } = useAct(dispatch);
  const action = readAction(props.action);
  // The server refuses what a role may not do; a button that could only fail is not shown.
  if (mode === 'run' && !mayUse(props.roles, session?.user?.roles ?? [])) return null;
  if (mode === 'run' && props.action !== undefined && action === undefined) throw new Error(t('button.noAction'));
  const Icon = isIcon(props.icon) ? icons[props.icon] : undefined;
  return (
    <>
      <Button
        variant={variants[props.variant === 'auto' ? (quiet.has(action?.type) ? 'secondary' : 'primary') : props.variant]}
        color={props.color === 'danger' ? 'error' : 'primary'}
        startIcon={Icon && <Icon />}
        disabled={disabled}
        loading={busy}
        loadingPosition={Icon === undefined ? 'center' : 'start'}
        onClick={() => action !== undefined && act(action, [], props.confirm)}
      >
        {props.label || name}
      </Button>
      {dialog}
    </>
  );
}

/** Does one thing when it is pressed. */
export const control: Control<ButtonProps> = {
  type: 'button',
  title: 'controls:button.title',
  icon: SmartButtonIcon,
  group: 'action',
  schema: {
    label: { kind: 'text', label: 'controls:button.label', group: 'content', default: '', bindable: true },
    icon: { kind: 'enum', label: 'controls:button.icon', group: 'content', default: 'none', options: iconOptions },
    action: { kind: 'action', label: 'controls:button.action', group: 'behaviour' },
    confirm: { kind: 'text', label: 'controls:button.confirm', help: 'controls:button.confirmHelp', group: 'behaviour', default: '', bindable: true },
    roles: { kind: 'roles', label: 'controls:button.roles', help: 'controls:button.rolesHelp', group: 'behaviour', default: [] },
    disabled: { kind: 'boolean', label: 'controls:common.disabled', group: 'behaviour', default: false, bindable: true },
    variant: {
      kind: 'enum',
      label: 'controls:button.variant',
      group: 'style',
      default: 'auto',
      options: [
        { value: 'auto', label: 'controls:button.auto' },
        { value: 'primary', label: 'controls:button.primary' },
        { value: 'secondary', label: 'controls:button.secondary' },
        { value: 'text', label: 'controls:button.text' },
      ],
    },
    color: {
      kind: 'enum',
      label: 'controls:button.color',
      group: 'style',
      default: 'accent',
      options: [
        { value: 'accent', label: 'controls:button.accent' },
        { value: 'danger', label: 'controls:button.danger' },
      ],
    },
  },
  defaults: { label: '', icon: 'none', variant: 'auto', color: 'accent', action: undefined, confirm: '', roles: [], disabled: false },
  View: ActionButton,
};
