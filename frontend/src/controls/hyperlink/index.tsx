import MuiLink from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import LinkIcon from '@mui/icons-material/Link';
import type { MouseEvent } from 'react';
import { useLanguage } from '@/ui/useLanguage';
import { formatValue } from '@/values/format';
import type { Value } from '@/values/value';
import type { Control, ControlProps } from '../contract';
import { addressOf } from './address';

interface HyperlinkProps {
  text: Value;
  href: Value;
  newTab: boolean;
}

function Hyperlink({ props, value, field, disabled, mode }: ControlProps<HyperlinkProps>) {
  const language = useLanguage();
  const target = formatValue(field === undefined ? props.href : value, language);
  const text = formatValue(props.text, language) || target;
  const address = disabled ? undefined : addressOf(target);
  if (address === undefined) {
    return (
      <Typography variant="body1" sx={{ overflowWrap: 'anywhere', ...(disabled && { color: 'text.disabled' }) }}>
        {text}
      </Typography>
    );
  }
  return (
    <MuiLink
      href={address}
      variant="body1"
      sx={{ overflowWrap: 'anywhere' }}
      {...(props.newTab && { target: '_blank', rel: 'noopener noreferrer' })}
      {...(mode === 'edit' && { onClick: (event: MouseEvent) => event.preventDefault() })}
    >
      {text}
    </MuiLink>
  );
}

/** A link to an address; one that a browser would run as a script is shown as text. */
export const control: Control<HyperlinkProps> = {
  type: 'hyperlink',
  title: 'controls:hyperlink.title',
  icon: LinkIcon,
  group: 'display',
  schema: {
    text: { kind: 'text', typed: true, label: 'controls:hyperlink.text', help: 'controls:hyperlink.textHelp', group: 'content', default: '', bindable: true },
    href: { kind: 'text', typed: true, label: 'controls:hyperlink.href', help: 'controls:hyperlink.hrefHelp', group: 'content', default: '', bindable: true },
    newTab: { kind: 'boolean', label: 'controls:hyperlink.newTab', group: 'behaviour', default: true },
  },
  defaults: { text: '', href: '', newTab: true },
  bind: { kinds: ['uri', 'string'] },
  View: Hyperlink,
};
