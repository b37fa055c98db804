import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import List from '@mui/material/List';
import ListItem from '@mui/material/ListItem';
import ListItemText from '@mui/material/ListItemText';
import OpenIcon from '@mui/icons-material/OpenInNewOutlined';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api';
import { useComponentId, useWholeDraft } from '@/draft';
import { ErrorNotice } from '@/ui/ErrorNotice';
import { PageFrame } from '@/ui/PageFrame';
import { useTimes } from '@/ui/times';
import { Along } from './Along';

/** Makes a preview of the component's draft and leads there. */
export function Component() {
  const { t } = useTranslation('publish');
  const id = useComponentId();
  const { doc, saving } = useWholeDraft(id);
  const [along, setAlong] = useState<readonly string[]>([]);
  const [create, { data, error, isLoading }] = api.useCreatePreviewMutation();
  const name = doc.displayName || id;
  const start = () => void create({ body: { components: [id, ...along] } });
  const times = useTimes();
  return (
    <PageFrame title={t('try.title', { name })} text={t('try.text')}>
      {saving !== 'saved' && <Alert severity="info" sx={{ mb: 2 }}>{t('try.unsaved')}</Alert>}
      {data === undefined && <Along component={id} chosen={along} onChange={setAlong} />}
      {error !== undefined && <ErrorNotice error={error} />}
      {isApiError(error) && error.violations.length > 0 && (
        <List dense>
          {error.violations.map(({ field, description }) => (
            <ListItem key={`${field} ${description}`} disableGutters>
              <ListItemText primary={description} secondary={field} />
            </ListItem>
          ))}
        </List>
      )}
      {data === undefined ? (
        <Button variant="contained" onClick={start} loading={isLoading} disabled={saving !== 'saved'}>
          {t('try.start')}
        </Button>
      ) : (
        <>
          <Alert severity="success" sx={{ mb: 2 }}>
            {t('try.ready', { count: Number(data.entries ?? 0), until: times(data.expireTime) })}
          </Alert>
          <Button variant="contained" startIcon={<OpenIcon />} href={`/work/${encodeURIComponent(id)}?preview=${data.id}`} target="_blank">
            {t('try.open')}
          </Button>
        </>
      )}
    </PageFrame>
  );
}
