import Box from '@mui/material/Box';
import Tab from '@mui/material/Tab';
import Tabs from '@mui/material/Tabs';
import TabIcon from '@mui/icons-material/TabOutlined';
import { useId, useState } from 'react';
import type { Control, ControlProps, PropSpec } from '../contract';
import { fills, type Gap, gapSpec, gridStyles } from '../layout/layout';

const names = ['tab1', 'tab2', 'tab3', 'tab4', 'tab5', 'tab6', 'tab7', 'tab8'] as const;
type TabName = (typeof names)[number];

type TabControlProps = Record<TabName, string> & { gap: Gap };

/** Marks the tabs on which something is wrong, as it may be on one that is not seen. */
const marks = Object.fromEntries(
  names.map((tab) => [
    `&:has(> [data-panel=${tab}] :is([aria-invalid=true], .Mui-error)) > .MuiTabs-root [data-tab=${tab}]`,
    { color: 'error.main', '&::after': { content: '"•"', position: 'absolute', top: 4, right: 4 } },
  ]),
);

const cut = { maxWidth: '100%', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;

function TabControl({ props, slots, name }: ControlProps<TabControlProps>) {
  const id = useId();
  const [chosen, choose] = useState<TabName>('tab1');
  const shown = names.filter((tab) => props[tab] !== '');
  const current = shown.includes(chosen) ? chosen : shown[0];
  if (current === undefined) return null;
  return (
    <Box className={fills} sx={marks}>
      <Tabs
        value={current}
        onChange={(_, tab: TabName) => choose(tab)}
        variant="scrollable"
        scrollButtons="auto"
        aria-label={name}
        sx={{ minHeight: 38, borderBottom: 1, borderColor: 'divider', '& .MuiTab-root': { minHeight: 38, px: 1.5, minWidth: 0 } }}
      >
        {shown.map((tab) => (
          <Tab key={tab} value={tab} label={<Box component="span" sx={cut}>{props[tab]}</Box>} data-tab={tab} id={`${id}-${tab}`} aria-controls={`${id}-${tab}-panel`} />
        ))}
      </Tabs>
      {shown.map((tab) => (
        // All stay on the page, so that what is being typed on one tab is not lost by a look at another.
        <Box
          key={tab}
          role="tabpanel"
          data-panel={tab}
          id={`${id}-${tab}-panel`}
          aria-labelledby={`${id}-${tab}`}
          hidden={tab !== current}
          sx={{ pt: 2, containerType: 'inline-size' }}
        >
          <Box sx={{ ...gridStyles(1, props.gap), minHeight: 32 }}>{slots[tab]}</Box>
        </Box>
      ))}
    </Box>
  );
}

function titleOf(tab: TabName): PropSpec<string> {
  return {
    kind: 'text',
    label: `controls:tab-control.${tab}`,
    ...(tab === 'tab1' && { help: 'controls:tab-control.tabHelp' as const }),
    group: 'content',
    default: tab === 'tab1' ? 'Tab 1' : '',
    bindable: true,
  };
}

/** Children on tabs, of which one is seen; a tab is there when it has a title. */
export const control: Control<TabControlProps> = {
  type: 'tab-control',
  title: 'controls:tab-control.title',
  icon: TabIcon,
  group: 'layout',
  schema: {
    tab1: titleOf('tab1'),
    tab2: titleOf('tab2'),
    tab3: titleOf('tab3'),
    tab4: titleOf('tab4'),
    tab5: titleOf('tab5'),
    tab6: titleOf('tab6'),
    tab7: titleOf('tab7'),
    tab8: titleOf('tab8'),
    gap: gapSpec,
  },
  defaults: { tab1: 'Tab 1', tab2: '', tab3: '', tab4: '', tab5: '', tab6: '', tab7: '', tab8: '', gap: 'medium' },
  slots: names,
  View: TabControl,
};
