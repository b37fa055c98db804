import { generatedApi } from './generated';

/**
 * The API with its hooks. By the generated rules a query provides the tag of its service and a mutation makes it stale; here stands
 * where that is not enough, or too much.
 */
export const api = generatedApi.enhanceEndpoints({
  endpoints: {
    // They change nothing.
    checkComponent: { invalidatesTags: [] },
    planPublication: { invalidatesTags: [] },
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
    runDataflow: { invalidatesTags: ['Entries', 'Runs', 'Tasks'] },
    startRun: { invalidatesTags: ['Runs', 'Tasks'] },
    answerTask: { invalidatesTags: ['Tasks', 'Runs', 'Entries'] },
    updateRole: { invalidatesTags: ['Users', 'Accounts'] },
  },
});

/** What is stale once a publication or an installation has ended. */
export const afterPublication = ['Components', 'Publications', 'Published', 'Entries', 'Runs', 'Tasks', 'Users'] as const;

export type * from './generated';
export { type ApiError, type Violation, isApiError, violationOf } from './error';
