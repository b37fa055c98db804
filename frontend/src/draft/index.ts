export { newId, nameFrom } from './id';
export { type History, run, useChecked, useComponentId, useDraft, useDraftSelector, useEdit, useHistory, useSaved, useSaving, useWholeDraft } from './hooks';
export { type Choice, merge, type Merged, type Unit } from './merge';
export { type Opened, useOpenDraft } from './open';
export { addPart, changePart, findPart, isModal, partsOf, removePart, retitlePart, setPartRoles } from './parts';
export { type Place, placeOf, sorted } from './places';
export { ProblemList } from './ProblemList';
export { draftActions } from './slice';
export type { Checked, Command, Draft, Drafts, DraftsRoot, Part, PartKind, Saving, Step } from './types';
