import { generatedApi } from './generated';

/** The tags of a query that reads entries of one component. */
export const entriesOf = (component: string) => ['Entries' as const, { type: 'Entries' as const, id: component }];

/** The tag, besides 'Entries', of a query that depends on entries of which components nobody can tell. */
export const anyEntries = { type: 'Entries', id: '*' } as const;

/**
 * The API with its hooks. By the generated rules a query provides the tag of its service and a mutation makes it stale; here stands
 * where that is not enough, or too much.
 */
export const api = generatedApi.enhanceEndpoints({
  endpoints: {
    // They change nothing.
    checkComponent: { invalidatesTags: [] },
    verifyAudit: { invalidatesTags: [] },
    verifyEntryHistory: { invalidatesTags: [] },
    planPublication: { invalidatesTags: [] },
    move: { invalidatesTags: (_data, _error, { body }) => (body.validateOnly === true ? [] : ['Components']) },
    rename: { invalidatesTags: (_data, _error, { body }) => (body.validateOnly === true ? [] : ['Components']) },
    testDataflow: { invalidatesTags: [] },
    testScript: { invalidatesTags: [] },
    // The current session is gone or another one: Shell resets everything instead.
    signIn: { invalidatesTags: [] },
    signUp: { invalidatesTags: [] },
    completeSetup: { invalidatesTags: [] },
    acceptInvitation: { invalidatesTags: [] },
    signOut: { invalidatesTags: [] },
    switchTenant: { invalidatesTags: [] },
    // What is live changes when a publication ends: whoever follows it invalidates `afterPublication`.
    createPublication: { invalidatesTags: ['Publications'] },
    installSample: { invalidatesTags: ['Samples'] },
    // Their effects reach other services.
    runScript: { invalidatesTags: ['Entries'] },
    runDataflow: { invalidatesTags: ['Entries', 'Runs', 'Tasks'] },
    startRun: { invalidatesTags: ['Runs', 'Tasks'] },
    answerTask: { invalidatesTags: ['Tasks', 'Runs', 'Entries'] },
    updateRole: { invalidatesTags: ['Users', 'Accounts'] },
    // Changes of entries are told by component.
    listEntries: { providesTags: (_data, _error, { component }) => entriesOf(component) },
    getEntry: { providesTags: (_data, _error, { component }) => entriesOf(component) },
    // A run takes and gives back what it keeps.
    getHold: { providesTags: (_data, _error, { component }) => ['Holds', 'Runs', ...entriesOf(component)] },
    listEntryChanges: { providesTags: (_data, _error, { component }) => entriesOf(component) },
  },
});

/** What is stale once another release is live. */
export const afterRelease = ['Components', 'Publications', 'Published', 'Entries', 'Runs', 'Schedules', 'Tasks'] as const;

/** What is stale once a publication or an installation has ended. */
export const afterPublication = [...afterRelease, 'Users'] as const;

export type * from './generated';
export { type ApiError, type Violation, isApiError, violationOf } from './error';
