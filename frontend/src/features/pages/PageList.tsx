import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Card from '@mui/material/Card';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Link from '@mui/material/Link';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import AddIcon from '@mui/icons-material/Add';
import CopyIcon from '@mui/icons-material/ContentCopyOutlined';
import DeleteIcon from '@mui/icons-material/DeleteOutlined';
import PagesIcon from '@mui/icons-material/WebOutlined';
import SettingsIcon from '@mui/icons-material/TuneOutlined';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as RouteLink } from 'react-router';
import { type Part, removePart, useComponentId, useDraft, useEdit } from '@/draft';
import { EmptyState } from '@/ui/EmptyState';
import { useNotify } from '@/ui/notices';
import { PageFrame } from '@/ui/PageFrame';
import { AddPage } from './AddPage';
import { addPage, copyOf } from './document/pages';
import { PageSettings } from './PageSettings';
import { useRoleNames } from './properties/pickers';

/** The pages of a component. */
export function Component() {
  const { t } = useTranslation('pages');
  const id = useComponentId();
  const component = useDraft(id);
  const edit = useEdit(id);
  const notify = useNotify();
  const roleNames = useRoleNames();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<string>();
  const pages = component.pages ?? [];
  const remove = (page: Part<'pages'>) => {
    edit(removePart('pages', page.id ?? ''));
    notify({ severity: 'info', text: t('list.removed', { title: page.title || page.id }) });
  };
  const copy = (page: Part<'pages'>) => edit(addPage(copyOf(component, page, t('list.copyOf', { title: page.title || page.id }))));
  const add = (
    <Button variant="contained" startIcon={<AddIcon />} onClick={() => setAdding(true)}>
      {t('list.add')}
    </Button>
  );
  return (
    <PageFrame title={t('list.title')} text={t('list.text')} actions={pages.length > 0 && add}>
      <Card>
        {pages.length === 0 ? (
          <EmptyState icon={<PagesIcon />} title={t('list.empty')} text={t('list.emptyText')} action={add} />
        ) : (
          <TableContainer>
            <Table aria-label={t('list.title')}>
              <TableHead>
                <TableRow>
                  <TableCell>{t('list.page')}</TableCell>
                  <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>{t('roles.label')}</TableCell>
                  <TableCell align="right">{t('list.actions')}</TableCell>
                </TableRow>
              </TableHead>
              <TableBody>
                {pages.map((page) => (
                  <TableRow key={page.id} hover sx={{ '&:last-child td, &:last-child th': { borderBottom: 0 } }}>
                    <TableCell component="th" scope="row">
                      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
                        <Link component={RouteLink} to={`/studio/${id}/pages/${page.id}`} sx={{ fontWeight: 600, color: 'text.primary' }}>
                          {page.title || page.id}
                        </Link>
                        {component.settings?.homePage === page.id && <Chip variant="outlined" color="primary" label={t('list.home')} />}
                      </Box>
                      <Box component="code" sx={{ fontSize: '0.75rem', color: 'text.secondary' }}>
                        {page.id}
                      </Box>
                    </TableCell>
                    <TableCell sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
                      {(page.roles?.length ?? 0) === 0 ? (
                        <Typography variant="body2" component="span" sx={{ color: 'text.secondary' }}>
                          {t('roles.all')}
                        </Typography>
                      ) : (
                        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.5 }}>
                          {page.roles?.map((role) => (
                            <Chip key={role} variant="outlined" label={roleNames.get(role) ?? role} />
                          ))}
                        </Box>
                      )}
                    </TableCell>
                    <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
                      <Action title={t('list.settings', { title: page.title || page.id })} icon={<SettingsIcon fontSize="small" />} onClick={() => setOpen(page.id)} />
                      <Action title={t('list.copy', { title: page.title || page.id })} icon={<CopyIcon fontSize="small" />} onClick={() => copy(page)} />
                      <Action title={t('list.remove', { title: page.title || page.id })} icon={<DeleteIcon fontSize="small" />} onClick={() => remove(page)} />
                    </TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableContainer>
        )}
      </Card>
      {adding && <AddPage component={component} onClose={() => setAdding(false)} />}
      {open !== undefined && <PageSettings component={component} page={open} onClose={() => setOpen(undefined)} />}
    </PageFrame>
  );
}

function Action({ title, icon, onClick }: { title: string; icon: ReactNode; onClick: () => void }) {
  return (
    <Tooltip title={title}>
      <IconButton aria-label={title} onClick={onClick}>
        {icon}
      </IconButton>
    </Tooltip>
  );
}
