import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import type { AffectedPart, ApiChange, PermissionChange, PublicationPlan, RuleTest } from '@/api';
import { Replays } from './Replays';
import { Row, Rows } from './Rows';
import { Section } from './Section';
import { operations, replayed, ruleRows } from './state';

/** What a publication means for those who use what is live. What would be empty is left out. */
export function Impact({ plan }: { plan: PublicationPlan }) {
  const { t } = useTranslation('publish');
  const [affected, permissions, calls, tests] = [plan.affected ?? [], plan.permissionChanges ?? [], plan.apiChanges ?? [], plan.ruleTests ?? []];
  const replays = replayed(plan.replays ?? []);
  return (
    <>
      {affected.length > 0 && (
        <Section title={t('impact.affected')}>
          <Affected parts={affected} />
        </Section>
      )}
      {replays.length > 0 && (
        <Section title={t('impact.replays')}>
          <Replays replays={replays} />
        </Section>
      )}
      {permissions.length > 0 && (
        <Section title={t('impact.permissions')}>
          <Permissions changes={permissions} />
        </Section>
      )}
      {tests.length > 0 && (
        <Section title={t('impact.rules')}>
          <Rules tests={tests} />
        </Section>
      )}
      {calls.length > 0 && (
        <Section title={t('impact.api')}>
          <Calls changes={calls} />
        </Section>
      )}
    </>
  );
}

function Affected({ parts }: { parts: readonly AffectedPart[] }) {
  const { t } = useTranslation('publish');
  return (
    <Rows label={t('impact.affected')}>
      {parts.map(({ component, kind = '', id = '', title, reasons = [], broken }) => (
        <Row key={`${component} ${kind} ${id}`} chip={broken === true && <Chip variant="outlined" color="error" label={t('impact.broken')} />}>
          <Typography variant="body2">
            <b>
              {t([`impact.kind.${kind}`, kind])} {title || id}
            </b>{' '}
            · {component}
          </Typography>
          <Typography variant="body2" sx={{ color: 'text.secondary' }}>
            {reasons.join('; ')}
          </Typography>
        </Row>
      ))}
    </Rows>
  );
}

function Permissions({ changes }: { changes: readonly PermissionChange[] }) {
  const { t } = useTranslation('publish');
  return (
    <Rows label={t('impact.permissions')}>
      {changes.map(({ text, more, less }, i) => (
        <Row
          key={i}
          chip={<Chip variant="outlined" color={less === true ? 'default' : 'warning'} label={t(more === true ? 'impact.more' : less === true ? 'impact.less' : 'impact.other')} />}
        >
          <Typography variant="body2">{text}</Typography>
        </Row>
      ))}
    </Rows>
  );
}

function Calls({ changes }: { changes: readonly ApiChange[] }) {
  const { t } = useTranslation('publish');
  return (
    <Rows label={t('impact.api')}>
      {changes.map(({ path, text, breaking }, i) => (
        <Row key={i} chip={breaking === true && <Chip variant="outlined" color="warning" label={t('impact.breaking')} />}>
          <Typography variant="body2">{text}</Typography>
          <Typography variant="body2" component="code" sx={{ fontSize: '0.75rem', color: 'text.secondary' }}>
            {path}
          </Typography>
        </Row>
      ))}
    </Rows>
  );
}

function Rules({ tests }: { tests: readonly RuleTest[] }) {
  const { t } = useTranslation('publish');
  return (
    <>
      <Typography variant="body2" sx={{ color: 'text.secondary', mb: 1 }}>
        {t('impact.rulesText')}
      </Typography>
      <TableContainer component={Card}>
        <Table aria-label={t('impact.rules')}>
          <TableHead>
            <TableRow>
              <TableCell>{t('column.component')}</TableCell>
              <TableCell>{t('impact.role')}</TableCell>
              {operations.map((operation) => (
                <TableCell key={operation}>{t(`impact.${operation}`)}</TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {ruleRows(tests).map(({ component, role, byOperation }) => (
              <TableRow key={`${component} ${role}`} sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                <TableCell component="th" scope="row">
                  {component}
                </TableCell>
                <TableCell>{role}</TableCell>
                {operations.map((operation) => (
                  <TableCell key={operation}>
                    <Reach test={byOperation[operation]} />
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
    </>
  );
}

function Reach({ test }: { test: RuleTest | undefined }) {
  const { t } = useTranslation('publish');
  if (test === undefined) return null;
  const { now = '0', next = '0', entries = '0', note = '' } = test;
  if (note !== '') {
    return (
      <Typography variant="body2" sx={{ color: 'text.secondary' }}>
        {t([`impact.note.${note}`, note])}
      </Typography>
    );
  }
  if (now === next) return t('impact.same', { now, entries });
  return (
    <Box component="b" sx={{ color: Number(next) > Number(now) ? 'warning.main' : 'text.primary' }}>
      {t('impact.moves', { now, next, entries })}
    </Box>
  );
}
