import '@fontsource-variable/inter/wght.css';
import './app/index.css';
import { createRoot } from 'react-dom/client';
import { enterPreview } from './api/preview';
import { App } from './app/App';
import { setUpTexts } from './app/i18n';
import { makeRouter } from './app/router';
import { makeStore } from './app/store';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no root');
enterPreview();
const texts = await setUpTexts();
createRoot(root).render(<App store={makeStore()} texts={texts} router={makeRouter()} />);
