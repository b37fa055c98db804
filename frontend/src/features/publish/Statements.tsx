import Box from '@mui/material/Box';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import type { SchemaChange } from '@/api';

/** The changes of the database with the lock that each takes. */
export function Statements({ changes }: { changes: readonly SchemaChange[] }) {
  const { t } = useTranslation('publish');
  return (
    <Card>
      <List disablePadding>
        {changes.map((change, i) => (
          <ListItem key={i} divider sx={{ display: 'block', px: 2, py: 1.25, '&:last-child': { border: 0 } }}>
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
              <Typography variant="body2" sx={{ flex: 1, minWidth: 200, fontWeight: 500 }}>
                {change.summary}
              </Typography>
              <Chip variant="outlined" label={t(change.phase === 'SCHEMA_PHASE_CONTRACT' ? 'phase.contract' : 'phase.expand')} />
              {change.lock !== undefined && change.lock !== '' && <Chip variant="outlined" color={change.rewrites === true ? 'warning' : 'default'} label={t('lock', { lock: change.lock })} />}
              {change.rewrites === true && <Chip variant="outlined" color="warning" label={t('rewrites')} />}
            </Box>
            <Box component="pre" tabIndex={0} sx={{ m: 0, mt: 0.75, fontSize: '0.75rem', color: 'text.secondary', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {change.statement}
            </Box>
          </ListItem>
        ))}
      </List>
    </Card>
  );
}
