import Button from '@mui/material/Button';
import Divider from '@mui/material/Divider';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Typography from '@mui/material/Typography';
import ExpandIcon from '@mui/icons-material/ExpandMore';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface PageMenuProps {
  component: string;
  page: string;
  pages: readonly { id: string; title: string }[];
}

/** The page that is edited, and the way to the others. */
export function PageMenu({ component, page, pages }: PageMenuProps) {
  const { t } = useTranslation('pages');
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => setAnchor(null);
  const title = pages.find((one) => one.id === page)?.title ?? page;
  return (
    <>
      <Typography variant="body2" component="span" sx={{ color: 'text.secondary', order: 1, display: { xs: 'none', sm: 'inline' } }} aria-hidden>
        /
      </Typography>
      <Button
        color="inherit"
        endIcon={<ExpandIcon />}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
        sx={{ order: 1, px: 0.75, minWidth: 0, maxWidth: 220, color: 'text.secondary', whiteSpace: 'nowrap', overflow: 'hidden', display: { xs: 'none', sm: 'inline-flex' } }}
      >
        {title}
      </Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close}>
        {pages.map((one) => (
          <MenuItem key={one.id} component={Link} to={`/studio/${component}/pages/${one.id}`} selected={one.id === page} onClick={close}>
            {one.title}
          </MenuItem>
        ))}
        <Divider />
        <MenuItem component={Link} to={`/studio/${component}/pages`} onClick={close}>
          {t('all')}
        </MenuItem>
      </Menu>
    </>
  );
}
