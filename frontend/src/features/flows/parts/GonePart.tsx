import Button from '@mui/material/Button';
import SearchIcon from '@mui/icons-material/SearchOff';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '@/ui/EmptyState';
import type { FlowKind } from './PartList';

/** Stands where a part would be that is not there, or not any more. */
export function GonePart({ kind }: { kind: FlowKind }) {
  const { t } = useTranslation('flows');
  return (
    <EmptyState
      icon={<SearchIcon />}
      title={t('gone')}
      text={t('goneText')}
      action={
        <Button component={Link} to=".." relative="path" variant="outlined">
          {t(`${kind}.all`)}
        </Button>
      }
    />
  );
}
