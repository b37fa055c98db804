import Card from '@mui/material/Card';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Typography from '@mui/material/Typography';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import type { Component } from '@/api';
import { ComponentState } from '@/ui/ComponentState';
import { useTimes } from '@/ui/times';

/** The components of the tenant with their state. */
export function ComponentTable({ components }: { components: readonly Component[] }) {
  const { t } = useTranslation('home');
  const time = useTimes();
  return (
    <TableContainer component={Card}>
      <Table aria-label={t('components')}>
        <TableHead>
          <TableRow>
            <TableCell>{t('column.component')}</TableCell>
            <TableCell>{t('column.state')}</TableCell>
            <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('column.revision')}</TableCell>
            <TableCell sx={{ display: { xs: 'none', md: 'table-cell' } }}>{t('column.changed')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {components.map((component) => (
            <TableRow key={component.id} hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
              <TableCell component="th" scope="row">
                <Link component={RouteLink} to={`/studio/${component.id}`} sx={{ fontWeight: 600 }}>
                  {component.displayName || component.id}
                </Link>
                <Typography variant="caption" component="div" sx={{ color: 'text.secondary' }}>
                  {component.description || component.id}
                </Typography>
              </TableCell>
              <TableCell>
                <ComponentState component={component} />
              </TableCell>
              <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{component.revision}</TableCell>
              <TableCell sx={{ display: { xs: 'none', md: 'table-cell' }, color: 'text.secondary' }}>
                {time(component.updateTime)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
