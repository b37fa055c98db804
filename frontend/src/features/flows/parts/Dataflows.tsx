import DataflowIcon from '@mui/icons-material/SchemaOutlined';
import { useTranslation } from 'react-i18next';
import { PartList } from './PartList';

/** The dataflows of a component. */
export function Component() {
  const { t } = useTranslation('flows');
  return (
    <PartList
      kind="dataflows"
      icon={<DataflowIcon />}
      make={(id, title) => ({ id, title, roles: [], steps: [{ id: 'read', type: 'get-action-model', title: '', sources: [], params: {} }] })}
      describe={(flow) => t('dataflows.steps', { count: flow.steps?.length ?? 0 })}
    />
  );
}
