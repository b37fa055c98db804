import Card from '@mui/material/Card';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useTranslation } from 'react-i18next';
import type { PlannedComponent } from '@/api';

/** Which revisions go live, or went. */
export function Revisions({ components }: { components: readonly PlannedComponent[] }) {
  const { t } = useTranslation('publish');
  const say = (revision: string | undefined) => (revision === undefined || revision === '0' ? t('notLive') : t('revision', { revision }));
  return (
    <TableContainer component={Card}>
      <Table aria-label={t('components')}>
        <TableHead>
          <TableRow>
            <TableCell>{t('column.component')}</TableCell>
            <TableCell>{t('column.before')}</TableCell>
            <TableCell>{t('column.after')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {components.map((one) => (
            <TableRow key={one.component} sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
              <TableCell component="th" scope="row" sx={{ fontWeight: 600 }}>
                {one.component}
              </TableCell>
              <TableCell>{say(one.fromRevision)}</TableCell>
              <TableCell>{say(one.toRevision)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
