import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { findPart, type PartKind, useWholeDraft } from '@/draft';
import { RewritePart } from './RewritePart';

interface PartPlaceProps {
  component: string;
  kind: PartKind;
  id: string;
}

/** Offers another name, or another component, for a part that is saved; one that is not has no users. */
export function PartPlace({ component, kind, id }: PartPlaceProps) {
  const { t } = useTranslation('rewrite');
  const [asking, setAsking] = useState<'rename' | 'move'>();
  const { base } = useWholeDraft(component);
  const mayWrite = useSession().can('components.write', component);
  if (!mayWrite || findPart(base, kind, id) === undefined) return null;
  return (
    <Box sx={{ display: 'flex', gap: 1 }}>
      <Button onClick={() => setAsking('rename')}>{t('rename.open')}</Button>
      <Button onClick={() => setAsking('move')}>{t('move.open')}</Button>
      {asking !== undefined && <RewritePart how={asking} component={component} kind={kind} id={id} onClose={() => setAsking(undefined)} />}
    </Box>
  );
}
