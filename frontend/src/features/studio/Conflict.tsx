import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import type { TFunction } from 'i18next';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDispatch } from 'react-redux';
import { type Choice, type Draft, draftActions, merge, type Unit, useWholeDraft } from '@/draft';
import type { Component } from '@/api';
import { useNotify } from '@/ui/notices';
import { differences } from './differences';

/** Asks whose version stays, thing by thing, when somebody else saved a change of the same thing. */
export function Conflict({ component }: { component: string }) {
  const { t } = useTranslation('studio');
  const notify = useNotify();
  const draft = useWholeDraft(component);
  const { taken } = draft;
  useEffect(() => {
    if (taken.length > 0) notify({ severity: 'info', text: t('conflict.takenIn', { what: taken.map((unit) => wordsOf(unit, t)).join(', ') }) });
  }, [taken, notify, t]);
  if (draft.saving !== 'conflict' || draft.theirs === undefined) return null;
  return <Decide key={draft.theirs.etag} component={component} draft={draft} theirs={draft.theirs} />;
}

function Decide({ component, draft, theirs }: { component: string; draft: Draft; theirs: Component }) {
  const { t } = useTranslation('studio');
  const dispatch = useDispatch();
  const [choices, setChoices] = useState<Readonly<Record<Unit, Choice>>>({});
  const { collisions, taken } = useMemo(() => merge(draft.base, draft.doc, theirs), [draft.base, draft.doc, theirs]);
  const decided = collisions.every((unit) => choices[unit] !== undefined);
  return (
    <Dialog open maxWidth="md" fullWidth aria-labelledby="conflict">
      <DialogTitle id="conflict">{t('conflict.title')}</DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        <Typography variant="body2">{t('conflict.text')}</Typography>
        {taken.length > 0 && <Alert severity="info">{t('conflict.taken', { what: taken.map((unit) => wordsOf(unit, t)).join(', ') })}</Alert>}
        {collisions.map((unit) => (
          <UnitChoice
            key={unit}
            unit={unit}
            draft={draft}
            theirs={theirs}
            choice={choices[unit]}
            onChoose={(choice) => setChoices((before) => ({ ...before, [unit]: choice }))}
          />
        ))}
      </DialogContent>
      <DialogActions>
        <Button variant="contained" disabled={!decided} onClick={() => dispatch(draftActions.decided({ component, choices }))}>
          {t('conflict.done')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function wordsOf(unit: Unit, t: TFunction<'studio'>): string {
  const [kind = '', ...id] = unit.split('/');
  return id.length === 0 ? t(`unit.${kind}`) : t(`unit.${kind}`, { id: id.join('/') });
}

interface UnitChoiceProps {
  unit: Unit;
  draft: Draft;
  theirs: Component;
  choice: Choice | undefined;
  onChoose: (choice: Choice) => void;
}

function UnitChoice({ unit, draft, theirs, choice, onChoose }: UnitChoiceProps) {
  const { t } = useTranslation('studio');
  const words = wordsOf(unit, t);
  return (
    <Box component="section" aria-label={words} sx={{ border: 1, borderColor: 'divider', borderRadius: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, px: 2, py: 1, borderBottom: 1, borderColor: 'divider' }}>
        <Typography variant="h3" sx={{ flex: 1 }}>
          {words}
        </Typography>
        <ToggleButtonGroup
          exclusive
          size="small"
          color="primary"
          value={choice ?? null}
          aria-label={words}
          onChange={(_, value: Choice | null) => value !== null && onChoose(value)}
        >
          <ToggleButton value="mine" sx={{ py: 0.25, textTransform: 'none' }}>
            {t('conflict.mine')}
          </ToggleButton>
          <ToggleButton value="theirs" sx={{ py: 0.25, textTransform: 'none' }}>
            {t('conflict.theirs')}
          </ToggleButton>
        </ToggleButtonGroup>
      </Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: { sm: '1fr 1fr' } }}>
        {(['mine', 'theirs'] as const).map((side) => (
          <Box key={side} sx={{ p: 2, minWidth: 0, bgcolor: choice === side ? 'action.selected' : undefined }}>
            <Typography variant="caption" component="h4" sx={{ m: 0, color: 'text.secondary' }}>
              {t(side === 'mine' ? 'conflict.yours' : 'conflict.others')}
            </Typography>
            <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none', fontSize: '0.8125rem', overflowWrap: 'anywhere' }}>
              {differences(draft.base, side === 'mine' ? draft.doc : theirs, unit).map(({ path, value }) => (
                <li key={path}>
                  <code>{path || unit}</code>: {value === undefined ? t('conflict.removed') : value}
                </li>
              ))}
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  );
}
