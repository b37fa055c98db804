import CodeIcon from '@mui/icons-material/Code';
import { useTranslation } from 'react-i18next';
import { PartList } from './PartList';

const source = `"""Says what it does."""


def main(item):
    return item
`;

/** The scripts of a component. */
export function Component() {
  const { t } = useTranslation('flows');
  return (
    <PartList
      kind="scripts"
      icon={<CodeIcon />}
      make={(id, title) => ({ id, title, roles: [], source })}
      describe={(script) => t('scripts.lines', { count: (script.source ?? '').trimEnd().split('\n').length })}
    />
  );
}
