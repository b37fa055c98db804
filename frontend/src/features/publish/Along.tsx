import Checkbox from '@mui/material/Checkbox';
import FormControl from '@mui/material/FormControl';
import FormControlLabel from '@mui/material/FormControlLabel';
import FormGroup from '@mui/material/FormGroup';
import FormHelperText from '@mui/material/FormHelperText';
import FormLabel from '@mui/material/FormLabel';
import { useTranslation } from 'react-i18next';
import { componentsApi, stateOf } from '@/api/components';
import { useSession } from '@/api/session';
import { ComponentState } from '@/ui/ComponentState';

interface AlongProps {
  /** The component that is published anyway. */
  component: string;
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** Other components with changes that are not live, to publish along: those that refer to each other can go live only together. */
export function Along({ component, chosen, onChange }: AlongProps) {
  const { t } = useTranslation('publish');
  const { can } = useSession();
  const { data = [] } = componentsApi.useAllComponentsQuery(undefined, { refetchOnMountOrArgChange: true });
  const others = data.filter((one) => one.id !== component && stateOf(one) !== 'live' && can('components.publish', one.id));
  if (others.length === 0) return null;
  return (
    <FormControl component="fieldset" sx={{ mb: 3 }}>
      <FormLabel component="legend" sx={{ fontSize: '0.8125rem' }}>
        {t('along.title')}
      </FormLabel>
      <FormGroup>
        {others.map(({ id = '', ...one }) => (
          <FormControlLabel
            key={id}
            control={
              <Checkbox size="small" sx={{ py: 0.5 }} checked={chosen.includes(id)} onChange={(_, on) => onChange(on ? [...chosen, id] : chosen.filter((other) => other !== id))} />
            }
            label={
              <>
                {one.displayName || id} <ComponentState component={one} />
              </>
            }
            slotProps={{ typography: { variant: 'body2', sx: { display: 'flex', gap: 1, alignItems: 'center' } } }}
          />
        ))}
      </FormGroup>
      <FormHelperText sx={{ mx: 0 }}>{t('along.help')}</FormHelperText>
    </FormControl>
  );
}
