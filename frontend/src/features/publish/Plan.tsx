import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Component, type DataLoss, type PublicationPlan } from '@/api';
import { ProblemList } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { Impact } from './Impact';
import { Revisions } from './Revisions';
import { Section } from './Section';
import { Statements } from './Statements';
import { changesSomething, unconfirmed } from './state';

interface PlanProps {
  plan: PublicationPlan;
  /** What the plan was made for. */
  choice: { components?: string[]; remove?: string[] };
  component: Component;
  /** Whether the user may publish. */
  may: boolean;
  onStarted: (publication: string) => void;
}

/** The plan of a publication. It starts when nothing is wrong and every loss of data is confirmed by its name. */
export function Plan({ plan, choice, component, may, onStarted }: PlanProps) {
  const { t } = useTranslation('publish');
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  // The same request sent twice is one publication.
  const [requestId] = useState(() => crypto.randomUUID());
  const [create, { error, isLoading }] = api.useCreatePublicationMutation();
  const [problems, losses, changes] = [plan.problems ?? [], plan.losses ?? [], plan.changes ?? []];
  const blocked = plan.publishable !== true || !changesSomething(plan) || unconfirmed(losses, typed).length > 0;
  const start = async () => {
    const confirmLosses = losses.map((loss) => loss.name ?? '');
    const result = await create({ body: { ...choice, confirmLosses, requestId } });
    if (result.data?.id !== undefined) onStarted(result.data.id);
  };
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 3 }}>
      {!changesSomething(plan) && <Alert severity="info">{t('nothing')}</Alert>}
      {plan.publishable !== true && <Alert severity="error">{t('blocked')}</Alert>}
      {problems.length > 0 && (
        <Section title={t('problems', { count: problems.length })}>
          <Card>
            <ProblemList problems={problems} component={component} />
          </Card>
        </Section>
      )}
      <Section title={t(choice.remove === undefined ? 'components' : 'goesOffline')}>
        <Revisions components={plan.components ?? []} />
      </Section>
      <Impact plan={plan} />
      <Section title={t('database')}>
        {changes.length === 0 ? (
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            {t('noStatements')}
          </Typography>
        ) : (
          <Statements changes={changes} />
        )}
      </Section>
      {losses.length > 0 && (
        <Section title={t('losses')}>
          <Losses losses={losses} typed={typed} onType={(name, text) => setTyped((before) => ({ ...before, [name]: text }))} />
        </Section>
      )}
      <ErrorNotice error={error} />
      {may && (
        <Box sx={{ position: 'sticky', bottom: 0, py: 1.5, bgcolor: 'background.default', borderTop: 1, borderColor: 'divider', zIndex: 1 }}>
          <Button variant="contained" size="medium" disabled={blocked} loading={isLoading} onClick={() => void start()}>
            {t(choice.remove === undefined ? 'start' : 'startRemove')}
          </Button>
        </Box>
      )}
    </Box>
  );
}

interface LossesProps {
  losses: readonly DataLoss[];
  typed: Readonly<Record<string, string>>;
  onType: (name: string, text: string) => void;
}

function Losses({ losses, typed, onType }: LossesProps) {
  const { t } = useTranslation('publish');
  return (
    <Alert severity="warning" sx={{ '& .MuiAlert-message': { flex: 1, display: 'grid', gap: 2 } }}>
      {t('lossesText')}
      {losses.map(({ name = '', rows = '0' }) => (
        <Box key={name} sx={{ display: 'grid', gap: 1, gridTemplateColumns: { sm: '1fr 260px' }, alignItems: 'center' }}>
          <span>
            <code>{name}</code> · {t('rows', { count: Number(rows) })}
          </span>
          <TextField
            label={t('confirm', { name })}
            value={typed[name] ?? ''}
            onChange={(e) => onType(name, e.target.value)}
            slotProps={{ htmlInput: { spellCheck: false, autoComplete: 'off' } }}
          />
        </Box>
      ))}
    </Alert>
  );
}
