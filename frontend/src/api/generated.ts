// Generated from services/gateway/internal/edge/openapi.json by `npm run gen`. Do not edit.
import type { Json } from '@/values/json';
import { baseApi as api } from "./base";
export const addTagTypes = [
  "Users",
  "Audit",
  "Entries",
  "Changes",
  "Components",
  "Dataflows",
  "Holds",
  "Scripts",
  "Schedules",
  "Runs",
  "Files",
  "Accounts",
  "Notices",
  "Previews",
  "Publications",
  "Published",
  "Samples",
  "Catalog",
  "Tasks",
  "Tenants",
] as const;
const injectedRtkApi = api
  .enhanceEndpoints({
    addTagTypes,
  })
  .injectEndpoints({
    endpoints: (build) => ({
      listApiKeys: build.query<ListApiKeysApiResponse, ListApiKeysApiArg>({
        query: (queryArg) => ({
          url: `/v1/apiKeys`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Users"],
      }),
      createApiKey: build.mutation<CreateApiKeyApiResponse, CreateApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/apiKeys`,
            method: "POST",
            body: queryArg.apiKey,
          }),
          invalidatesTags: ["Users"],
        },
      ),
      deleteApiKey: build.mutation<DeleteApiKeyApiResponse, DeleteApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/apiKeys/${encodeURIComponent(String(queryArg.apiKey))}`,
            method: "DELETE",
          }),
          invalidatesTags: ["Users"],
        },
      ),
      listAuditRecords: build.query<
        ListAuditRecordsApiResponse,
        ListAuditRecordsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/audit`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
            subject: queryArg.subject,
          },
        }),
        providesTags: ["Audit"],
      }),
      verifyEntryHistory: build.mutation<
        VerifyEntryHistoryApiResponse,
        VerifyEntryHistoryApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/audit/entries:verify`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Entries"],
      }),
      verifyAudit: build.mutation<VerifyAuditApiResponse, VerifyAuditApiArg>({
        query: (queryArg) => ({
          url: `/v1/audit:verify`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Audit"],
      }),
      watchChanges: build.query<WatchChangesApiResponse, WatchChangesApiArg>({
        query: (queryArg) => ({
          url: `/v1/changes:watch`,
          params: {
            kinds: queryArg.kinds,
            component: queryArg.component,
          },
        }),
        providesTags: ["Changes"],
      }),
      listComponents: build.query<
        ListComponentsApiResponse,
        ListComponentsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Components"],
      }),
      createComponent: build.mutation<
        CreateComponentApiResponse,
        CreateComponentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components`,
          method: "POST",
          body: queryArg.component,
        }),
        invalidatesTags: ["Components"],
      }),
      deleteComponent: build.mutation<
        DeleteComponentApiResponse,
        DeleteComponentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}`,
          method: "DELETE",
          params: {
            etag: queryArg.etag,
          },
        }),
        invalidatesTags: ["Components"],
      }),
      getComponent: build.query<GetComponentApiResponse, GetComponentApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}`,
          params: {
            revision: queryArg.revision,
          },
        }),
        providesTags: ["Components"],
      }),
      updateComponent: build.mutation<
        UpdateComponentApiResponse,
        UpdateComponentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}`,
          method: "PATCH",
          body: queryArg.body,
          params: {
            updateMask: queryArg.updateMask,
          },
        }),
        invalidatesTags: ["Components"],
      }),
      runDataflow: build.mutation<RunDataflowApiResponse, RunDataflowApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/dataflows/${encodeURIComponent(String(queryArg.dataflow))}:run`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Dataflows"],
      }),
      testDataflow: build.mutation<TestDataflowApiResponse, TestDataflowApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/dataflows/${encodeURIComponent(String(queryArg.dataflow))}:test`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Dataflows"],
        },
      ),
      listEntries: build.query<ListEntriesApiResponse, ListEntriesApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries`,
          params: {
            filter: queryArg.filter,
            orderBy: queryArg.orderBy,
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
            fields: queryArg.fields,
            showDeleted: queryArg.showDeleted,
            count: queryArg.count,
            expand: queryArg.expand,
            search: queryArg.search,
          },
        }),
        providesTags: ["Entries"],
      }),
      createEntry: build.mutation<CreateEntryApiResponse, CreateEntryApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries`,
          method: "POST",
          body: queryArg.entry,
          params: {
            requestId: queryArg.requestId,
          },
        }),
        invalidatesTags: ["Entries"],
      }),
      deleteEntry: build.mutation<DeleteEntryApiResponse, DeleteEntryApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}`,
          method: "DELETE",
          params: {
            etag: queryArg.etag,
            requestId: queryArg.requestId,
          },
        }),
        invalidatesTags: ["Entries"],
      }),
      getEntry: build.query<GetEntryApiResponse, GetEntryApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}`,
          params: {
            expand: queryArg.expand,
            fields: queryArg.fields,
          },
        }),
        providesTags: ["Entries"],
      }),
      updateEntry: build.mutation<UpdateEntryApiResponse, UpdateEntryApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}`,
          method: "PATCH",
          body: queryArg.body,
          params: {
            updateMask: queryArg.updateMask,
            requestId: queryArg.requestId,
          },
        }),
        invalidatesTags: ["Entries"],
      }),
      listEntryChanges: build.query<
        ListEntryChangesApiResponse,
        ListEntryChangesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}/changes`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Entries"],
      }),
      getHold: build.query<GetHoldApiResponse, GetHoldApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}/hold`,
        }),
        providesTags: ["Holds"],
      }),
      releaseEntry: build.mutation<ReleaseEntryApiResponse, ReleaseEntryApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}:release`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Holds"],
        },
      ),
      restoreEntry: build.mutation<RestoreEntryApiResponse, RestoreEntryApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries/${encodeURIComponent(String(queryArg.entry))}:restore`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Entries"],
        },
      ),
      aggregateEntries: build.mutation<
        AggregateEntriesApiResponse,
        AggregateEntriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries:aggregate`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Entries"],
      }),
      batchWriteEntries: build.mutation<
        BatchWriteEntriesApiResponse,
        BatchWriteEntriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries:batchWrite`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Entries"],
      }),
      exportEntries: build.query<ExportEntriesApiResponse, ExportEntriesApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries:export`,
            params: {
              filter: queryArg.filter,
              search: queryArg.search,
              orderBy: queryArg.orderBy,
              fields: queryArg.fields,
              showDeleted: queryArg.showDeleted,
              format: queryArg.format,
            },
          }),
          providesTags: ["Entries"],
        },
      ),
      purgeEntries: build.mutation<PurgeEntriesApiResponse, PurgeEntriesApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/entries:purge`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Entries"],
        },
      ),
      savePart: build.mutation<SavePartApiResponse, SavePartApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/part`,
          method: "PUT",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      deletePart: build.mutation<DeletePartApiResponse, DeletePartApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/part:delete`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      listReferences: build.query<
        ListReferencesApiResponse,
        ListReferencesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/references`,
          params: {
            target: queryArg.target,
          },
        }),
        providesTags: ["Components"],
      }),
      listRevisions: build.query<ListRevisionsApiResponse, ListRevisionsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/revisions`,
            params: {
              pageSize: queryArg.pageSize,
              pageToken: queryArg.pageToken,
            },
          }),
          providesTags: ["Components"],
        },
      ),
      restoreRevision: build.mutation<
        RestoreRevisionApiResponse,
        RestoreRevisionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/revisions/${encodeURIComponent(String(queryArg.revision))}:restore`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      diffRevisions: build.query<DiffRevisionsApiResponse, DiffRevisionsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/revisions:diff`,
            params: {
              from: queryArg["from"],
              to: queryArg.to,
            },
          }),
          providesTags: ["Components"],
        },
      ),
      runScript: build.mutation<RunScriptApiResponse, RunScriptApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/scripts/${encodeURIComponent(String(queryArg.script))}:run`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Scripts"],
      }),
      testScript: build.mutation<TestScriptApiResponse, TestScriptApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/scripts/${encodeURIComponent(String(queryArg.script))}:test`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Scripts"],
      }),
      pauseSchedule: build.mutation<
        PauseScheduleApiResponse,
        PauseScheduleApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/workflows/${encodeURIComponent(String(queryArg.workflow))}/schedule:pause`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Schedules"],
      }),
      resumeSchedule: build.mutation<
        ResumeScheduleApiResponse,
        ResumeScheduleApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/workflows/${encodeURIComponent(String(queryArg.workflow))}/schedule:resume`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Schedules"],
      }),
      startRun: build.mutation<StartRunApiResponse, StartRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}/workflows/${encodeURIComponent(String(queryArg.workflow))}:start`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Runs"],
      }),
      checkComponent: build.mutation<
        CheckComponentApiResponse,
        CheckComponentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}:check`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      move: build.mutation<MoveApiResponse, MoveApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}:move`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      rename: build.mutation<RenameApiResponse, RenameApiArg>({
        query: (queryArg) => ({
          url: `/v1/components/${encodeURIComponent(String(queryArg.component))}:rename`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Components"],
      }),
      listFiles: build.query<ListFilesApiResponse, ListFilesApiArg>({
        query: (queryArg) => ({
          url: `/v1/files`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
            folder: queryArg.folder,
          },
        }),
        providesTags: ["Files"],
      }),
      deleteFile: build.mutation<DeleteFileApiResponse, DeleteFileApiArg>({
        query: (queryArg) => ({
          url: `/v1/files/${encodeURIComponent(String(queryArg.file))}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Files"],
      }),
      getFile: build.query<GetFileApiResponse, GetFileApiArg>({
        query: (queryArg) => ({
          url: `/v1/files/${encodeURIComponent(String(queryArg.file))}`,
        }),
        providesTags: ["Files"],
      }),
      updateFile: build.mutation<UpdateFileApiResponse, UpdateFileApiArg>({
        query: (queryArg) => ({
          url: `/v1/files/${encodeURIComponent(String(queryArg.file))}`,
          method: "PATCH",
          body: queryArg.body,
        }),
        invalidatesTags: ["Files"],
      }),
      getThumbnail: build.query<GetThumbnailApiResponse, GetThumbnailApiArg>({
        query: (queryArg) => ({
          url: `/v1/files/${encodeURIComponent(String(queryArg.file))}:thumbnail`,
          params: {
            size: queryArg.size,
          },
        }),
        providesTags: ["Files"],
      }),
      listFolders: build.query<ListFoldersApiResponse, ListFoldersApiArg>({
        query: (queryArg) => ({
          url: `/v1/folders`,
          params: {
            parent: queryArg.parent,
          },
        }),
        providesTags: ["Files"],
      }),
      moveFolder: build.mutation<MoveFolderApiResponse, MoveFolderApiArg>({
        query: (queryArg) => ({
          url: `/v1/folders:move`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Files"],
      }),
      listInvitations: build.query<
        ListInvitationsApiResponse,
        ListInvitationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Users"],
      }),
      createInvitation: build.mutation<
        CreateInvitationApiResponse,
        CreateInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations`,
          method: "POST",
          body: queryArg.invitation,
        }),
        invalidatesTags: ["Users"],
      }),
      deleteInvitation: build.mutation<
        DeleteInvitationApiResponse,
        DeleteInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations/${encodeURIComponent(String(queryArg.invitation))}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Users"],
      }),
      acceptInvitation: build.mutation<
        AcceptInvitationApiResponse,
        AcceptInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations:accept`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      listNotices: build.query<ListNoticesApiResponse, ListNoticesApiArg>({
        query: (queryArg) => ({
          url: `/v1/notices`,
          params: {
            unread: queryArg.unread,
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Notices"],
      }),
      readNotices: build.mutation<ReadNoticesApiResponse, ReadNoticesApiArg>({
        query: (queryArg) => ({
          url: `/v1/notices:read`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Notices"],
      }),
      changePassword: build.mutation<
        ChangePasswordApiResponse,
        ChangePasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/passwords:change`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      resetPassword: build.mutation<
        ResetPasswordApiResponse,
        ResetPasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/passwords:reset`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      createPreview: build.mutation<
        CreatePreviewApiResponse,
        CreatePreviewApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/previews`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Previews"],
      }),
      deletePreview: build.mutation<
        DeletePreviewApiResponse,
        DeletePreviewApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/previews/${encodeURIComponent(String(queryArg.preview))}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Previews"],
      }),
      listPublications: build.query<
        ListPublicationsApiResponse,
        ListPublicationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/publications`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Publications"],
      }),
      createPublication: build.mutation<
        CreatePublicationApiResponse,
        CreatePublicationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/publications`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Publications"],
      }),
      getPublication: build.query<
        GetPublicationApiResponse,
        GetPublicationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/publications/${encodeURIComponent(String(queryArg.publication))}`,
        }),
        providesTags: ["Publications"],
      }),
      planPublication: build.mutation<
        PlanPublicationApiResponse,
        PlanPublicationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/publications:plan`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Publications"],
      }),
      listPublishedComponents: build.query<
        ListPublishedComponentsApiResponse,
        ListPublishedComponentsApiArg
      >({
        query: () => ({ url: `/v1/published/components` }),
        providesTags: ["Published"],
      }),
      getPublishedPage: build.query<
        GetPublishedPageApiResponse,
        GetPublishedPageApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/published/components/${encodeURIComponent(String(queryArg.component))}/pages/${encodeURIComponent(String(queryArg.page))}`,
        }),
        providesTags: ["Published"],
      }),
      getApiDocument: build.query<
        GetApiDocumentApiResponse,
        GetApiDocumentApiArg
      >({
        query: () => ({ url: `/v1/published/openapi.json` }),
        providesTags: ["Published"],
      }),
      listReleases: build.query<ListReleasesApiResponse, ListReleasesApiArg>({
        query: (queryArg) => ({
          url: `/v1/releases`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Publications"],
      }),
      listRoles: build.query<ListRolesApiResponse, ListRolesApiArg>({
        query: () => ({ url: `/v1/roles` }),
        providesTags: ["Users"],
      }),
      createRole: build.mutation<CreateRoleApiResponse, CreateRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles`,
          method: "POST",
          body: queryArg.role,
        }),
        invalidatesTags: ["Users"],
      }),
      deleteRole: build.mutation<DeleteRoleApiResponse, DeleteRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles/${encodeURIComponent(String(queryArg.role))}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Users"],
      }),
      updateRole: build.mutation<UpdateRoleApiResponse, UpdateRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles/${encodeURIComponent(String(queryArg.role))}`,
          method: "PATCH",
          body: queryArg.body,
          params: {
            updateMask: queryArg.updateMask,
          },
        }),
        invalidatesTags: ["Users"],
      }),
      listRoleReferences: build.query<
        ListRoleReferencesApiResponse,
        ListRoleReferencesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/roles/${encodeURIComponent(String(queryArg.role))}/references`,
        }),
        providesTags: ["Components"],
      }),
      listRuns: build.query<ListRunsApiResponse, ListRunsApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
            component: queryArg.component,
            workflow: queryArg.workflow,
            state: queryArg.state,
            businessKey: queryArg.businessKey,
          },
        }),
        providesTags: ["Runs"],
      }),
      getRun: build.query<GetRunApiResponse, GetRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${encodeURIComponent(String(queryArg.run))}`,
        }),
        providesTags: ["Runs"],
      }),
      listRunEvents: build.query<ListRunEventsApiResponse, ListRunEventsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/runs/${encodeURIComponent(String(queryArg.run))}/events`,
            params: {
              pageSize: queryArg.pageSize,
              pageToken: queryArg.pageToken,
            },
          }),
          providesTags: ["Runs"],
        },
      ),
      cancelRun: build.mutation<CancelRunApiResponse, CancelRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${encodeURIComponent(String(queryArg.run))}:cancel`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Runs"],
      }),
      retryRun: build.mutation<RetryRunApiResponse, RetryRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${encodeURIComponent(String(queryArg.run))}:retry`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Runs"],
      }),
      signalRun: build.mutation<SignalRunApiResponse, SignalRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${encodeURIComponent(String(queryArg.run))}:signal`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Runs"],
      }),
      listSamples: build.query<ListSamplesApiResponse, ListSamplesApiArg>({
        query: () => ({ url: `/v1/samples` }),
        providesTags: ["Samples"],
      }),
      getSample: build.query<GetSampleApiResponse, GetSampleApiArg>({
        query: (queryArg) => ({
          url: `/v1/samples/${encodeURIComponent(String(queryArg.sample))}`,
        }),
        providesTags: ["Samples"],
      }),
      getInstallation: build.query<
        GetInstallationApiResponse,
        GetInstallationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/samples/${encodeURIComponent(String(queryArg.sample))}/installation`,
        }),
        providesTags: ["Samples"],
      }),
      installSample: build.mutation<
        InstallSampleApiResponse,
        InstallSampleApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/samples/${encodeURIComponent(String(queryArg.sample))}:install`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Samples"],
      }),
      listSchedules: build.query<ListSchedulesApiResponse, ListSchedulesApiArg>(
        {
          query: () => ({ url: `/v1/schedules` }),
          providesTags: ["Schedules"],
        },
      ),
      signIn: build.mutation<SignInApiResponse, SignInApiArg>({
        query: (queryArg) => ({
          url: `/v1/sessions`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      signOut: build.mutation<SignOutApiResponse, SignOutApiArg>({
        query: () => ({ url: `/v1/sessions/current`, method: "DELETE" }),
        invalidatesTags: ["Accounts"],
      }),
      getCurrentSession: build.query<
        GetCurrentSessionApiResponse,
        GetCurrentSessionApiArg
      >({
        query: () => ({ url: `/v1/sessions/current` }),
        providesTags: ["Accounts"],
      }),
      switchTenant: build.mutation<SwitchTenantApiResponse, SwitchTenantApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/sessions/current:switchTenant`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Accounts"],
        },
      ),
      completeSetup: build.mutation<
        CompleteSetupApiResponse,
        CompleteSetupApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/setup:complete`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      listStepTypes: build.query<ListStepTypesApiResponse, ListStepTypesApiArg>(
        {
          query: () => ({ url: `/v1/stepTypes` }),
          providesTags: ["Catalog"],
        },
      ),
      listTaskTypes: build.query<ListTaskTypesApiResponse, ListTaskTypesApiArg>(
        {
          query: () => ({ url: `/v1/taskTypes` }),
          providesTags: ["Catalog"],
        },
      ),
      listTasks: build.query<ListTasksApiResponse, ListTasksApiArg>({
        query: (queryArg) => ({
          url: `/v1/tasks`,
          params: {
            state: queryArg.state,
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Tasks"],
      }),
      getTask: build.query<GetTaskApiResponse, GetTaskApiArg>({
        query: (queryArg) => ({
          url: `/v1/tasks/${encodeURIComponent(String(queryArg.task))}`,
        }),
        providesTags: ["Tasks"],
      }),
      answerTask: build.mutation<AnswerTaskApiResponse, AnswerTaskApiArg>({
        query: (queryArg) => ({
          url: `/v1/tasks/${encodeURIComponent(String(queryArg.task))}:answer`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Tasks"],
      }),
      claimTask: build.mutation<ClaimTaskApiResponse, ClaimTaskApiArg>({
        query: (queryArg) => ({
          url: `/v1/tasks/${encodeURIComponent(String(queryArg.task))}:claim`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Tasks"],
      }),
      delegateTask: build.mutation<DelegateTaskApiResponse, DelegateTaskApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/tasks/${encodeURIComponent(String(queryArg.task))}:delegate`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Tasks"],
        },
      ),
      releaseTask: build.mutation<ReleaseTaskApiResponse, ReleaseTaskApiArg>({
        query: (queryArg) => ({
          url: `/v1/tasks/${encodeURIComponent(String(queryArg.task))}:release`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Tasks"],
      }),
      deleteTenant: build.mutation<DeleteTenantApiResponse, DeleteTenantApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/tenants/current:delete`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Tenants"],
        },
      ),
      signUp: build.mutation<SignUpApiResponse, SignUpApiArg>({
        query: (queryArg) => ({
          url: `/v1/tenants:signUp`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Accounts"],
      }),
      createUpload: build.mutation<CreateUploadApiResponse, CreateUploadApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/uploads`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Files"],
        },
      ),
      deleteUpload: build.mutation<DeleteUploadApiResponse, DeleteUploadApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/uploads/${encodeURIComponent(String(queryArg.upload))}`,
            method: "DELETE",
          }),
          invalidatesTags: ["Files"],
        },
      ),
      getUpload: build.query<GetUploadApiResponse, GetUploadApiArg>({
        query: (queryArg) => ({
          url: `/v1/uploads/${encodeURIComponent(String(queryArg.upload))}`,
        }),
        providesTags: ["Files"],
      }),
      finishUpload: build.mutation<FinishUploadApiResponse, FinishUploadApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/uploads/${encodeURIComponent(String(queryArg.upload))}:finish`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["Files"],
        },
      ),
      uploadPart: build.mutation<UploadPartApiResponse, UploadPartApiArg>({
        query: (queryArg) => ({
          url: `/v1/uploads/${encodeURIComponent(String(queryArg.upload))}:part`,
          method: "PUT",
          body: queryArg.body,
          params: {
            offset: queryArg.offset,
          },
        }),
        invalidatesTags: ["Files"],
      }),
      listUsers: build.query<ListUsersApiResponse, ListUsersApiArg>({
        query: (queryArg) => ({
          url: `/v1/users`,
          params: {
            pageSize: queryArg.pageSize,
            pageToken: queryArg.pageToken,
          },
        }),
        providesTags: ["Users"],
      }),
      removeUser: build.mutation<RemoveUserApiResponse, RemoveUserApiArg>({
        query: (queryArg) => ({
          url: `/v1/users/${encodeURIComponent(String(queryArg.user))}`,
          method: "DELETE",
        }),
        invalidatesTags: ["Users"],
      }),
      getUser: build.query<GetUserApiResponse, GetUserApiArg>({
        query: (queryArg) => ({
          url: `/v1/users/${encodeURIComponent(String(queryArg.user))}`,
        }),
        providesTags: ["Users"],
      }),
      updateUser: build.mutation<UpdateUserApiResponse, UpdateUserApiArg>({
        query: (queryArg) => ({
          url: `/v1/users/${encodeURIComponent(String(queryArg.user))}`,
          method: "PATCH",
          body: queryArg.body,
          params: {
            updateMask: queryArg.updateMask,
          },
        }),
        invalidatesTags: ["Users"],
      }),
      createPasswordLink: build.mutation<
        CreatePasswordLinkApiResponse,
        CreatePasswordLinkApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/users/${encodeURIComponent(String(queryArg.user))}:createPasswordLink`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["Users"],
      }),
    }),
    overrideExisting: false,
  });
export { injectedRtkApi as generatedApi };
export type ListApiKeysApiResponse =
  /** status 200 ListApiKeysResponse is a page of keys. */ ListApiKeysResponse;
export type ListApiKeysApiArg = {
  pageSize?: number;
  pageToken?: string;
};
export type CreateApiKeyApiResponse =
  /** status 200 ApiKey is a credential for programs. */ ApiKey;
export type CreateApiKeyApiArg = {
  apiKey: ApiKey;
};
export type DeleteApiKeyApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteApiKeyApiArg = {
  apiKey: string;
};
export type ListAuditRecordsApiResponse =
  /** status 200 ListAuditRecordsResponse is a page. */ ListAuditRecordsResponse;
export type ListAuditRecordsApiArg = {
  pageSize?: number;
  pageToken?: string;
  /** Only calls of this user. */
  subject?: string;
};
export type VerifyEntryHistoryApiResponse =
  /** status 200 VerifyEntryHistoryResponse says what was found. */ VerifyEntryHistoryResponse;
export type VerifyEntryHistoryApiArg = {
  body: {
    /** The last block that was verified before, 0 for none, and its head, which must still be the same. */
    block?: string | undefined;
    head?: string | undefined;
  };
};
export type VerifyAuditApiResponse =
  /** status 200 VerifyAuditResponse says what was found. */ VerifyAuditResponse;
export type VerifyAuditApiArg = {
  body: {
    /** The last block that was verified before, 0 for none, and its head, which must still be the same. */
    block?: string | undefined;
    head?: string | undefined;
  };
};
export type WatchChangesApiResponse =
  /** status 200 Change says that something changed. One line of JSON each. */ {
    result?: Change | undefined;
  };
export type WatchChangesApiArg = {
  /** Empty is all kinds. */
  kinds?: Kind[];
  /** Only changes of this component. */
  component?: string;
};
export type ListComponentsApiResponse =
  /** status 200 ListComponentsResponse is a page of components without their parts. */ ListComponentsResponse;
export type ListComponentsApiArg = {
  /** Most items, at most 200; 50 when 0. */
  pageSize?: number;
  pageToken?: string;
};
export type CreateComponentApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type CreateComponentApiArg = {
  component: Component;
};
export type DeleteComponentApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteComponentApiArg = {
  component: string;
  /** Etag that was read; empty deletes whatever is newest. */
  etag?: string;
};
export type GetComponentApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type GetComponentApiArg = {
  component: string;
  /** Revision to read, 0 for the newest. */
  revision?: string;
};
export type UpdateComponentApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type UpdateComponentApiArg = {
  /** Name in paths and expressions: lower case letters, digits and underscore, begins with a letter, at most 40 characters.
    Chosen at creation. */
  component: string;
  /** Fields to replace: display_name, description, model, pages, dataflows, workflows, scripts, settings. Empty replaces those
    that are set. Field paths as in the proto files, separated by commas. */
  updateMask?: string;
  body: Component;
};
export type RunDataflowApiResponse =
  /** status 200 RunDataflowResponse is the result of a dataflow. */ RunDataflowResponse;
export type RunDataflowApiArg = {
  component: string;
  dataflow: string;
  body: {
    /** Entry that the caller is about, if any; steps that write use it. */
    entry?: string | undefined;
    /** The calling page's or program's data: an object, or a list of objects. */
    input?: Value | undefined;
    /** Makes the writes of the dataflow happen once, however often the request is repeated. At most 100 characters. */
    requestId?: string | undefined;
  };
};
export type TestDataflowApiResponse =
  /** status 200 TestDataflowResponse is the result of a test, also of one that failed at a step. */ TestDataflowResponse;
export type TestDataflowApiArg = {
  component: string;
  dataflow: string;
  body: {
    entry?: string | undefined;
    /** As in RunDataflowRequest. */
    input?: Value | undefined;
  };
};
export type ListEntriesApiResponse =
  /** status 200 ListEntriesResponse is a page of entries. */ ListEntriesResponse;
export type ListEntriesApiArg = {
  component: string;
  /** CEL over the fields, for example: total > 100 && state == 1 && name.startsWith("A"). */
  filter?: string;
  /** Fields separated by commas, each perhaps followed by desc. Ends with the entry's id implicitly. */
  orderBy?: string;
  /** Most items, at most 1000; 50 when 0. */
  pageSize?: number;
  pageToken?: string;
  /** Names of fields to return; empty returns all. For an expanded reference "customer.name" names a field of its entries; when
    none is named, they have all. */
  fields?: string[];
  /** Include entries that are marked for deletion. */
  showDeleted?: boolean;
  /** Count all matching entries. */
  count?: boolean;
  /** References to follow, such as "customer" or "order.customer": at most 5, each through at most 3 references. Their entries
    are in Entry.expanded, at most 8 MiB of them in one answer. */
  expand?: string[];
  /** Words to look for in the searchable fields: each must begin a word there, whatever its case and accents. At most 200
    characters and 10 words. */
  search?: string;
};
export type CreateEntryApiResponse =
  /** status 200 Entry is one record of a component. */ Entry;
export type CreateEntryApiArg = {
  component: string;
  /** Repeating a request with the same id returns the first answer and stores nothing again. At most 100 characters. */
  requestId?: string;
  entry: Entry;
};
export type DeleteEntryApiResponse =
  /** status 200 Entry is one record of a component. */ Entry;
export type DeleteEntryApiArg = {
  component: string;
  entry: string;
  /** Etag that was read; empty deletes whatever is newest. */
  etag?: string;
  requestId?: string;
};
export type GetEntryApiResponse =
  /** status 200 Entry is one record of a component. */ Entry;
export type GetEntryApiArg = {
  component: string;
  entry: string;
  /** References to follow, as in ListEntriesRequest. */
  expand?: string[];
  /** Names of fields to return, as in ListEntriesRequest. */
  fields?: string[];
};
export type UpdateEntryApiResponse =
  /** status 200 Entry is one record of a component. */ Entry;
export type UpdateEntryApiArg = {
  component: string;
  entry: string;
  /** Paths "fields.total"; empty changes the fields that are set. Field paths as in the proto files, separated by commas. */
  updateMask?: string;
  requestId?: string;
  body: Entry;
};
export type ListEntryChangesApiResponse =
  /** status 200 ListEntryChangesResponse is a page of changes. */ ListEntryChangesResponse;
export type ListEntryChangesApiArg = {
  component: string;
  entry: string;
  pageSize?: number;
  pageToken?: string;
};
export type GetHoldApiResponse =
  /** status 200 Hold says which run keeps an entry. */ Hold;
export type GetHoldApiArg = {
  component: string;
  entry: string;
};
export type ReleaseEntryApiResponse =
  /** status 200 Hold says which run keeps an entry. */ Hold;
export type ReleaseEntryApiArg = {
  component: string;
  entry: string;
  body: {
    /** Set by a run: only its own hold is taken away then. */
    run?: string | undefined;
  };
};
export type RestoreEntryApiResponse =
  /** status 200 Entry is one record of a component. */ Entry;
export type RestoreEntryApiArg = {
  component: string;
  entry: string;
  body: object;
};
export type AggregateEntriesApiResponse =
  /** status 200 AggregateEntriesResponse has the groups in order. */ AggregateEntriesResponse;
export type AggregateEntriesApiArg = {
  component: string;
  body: {
    /** CEL over the fields, as in ListEntriesRequest. */
    filter?: string | undefined;
    /** What the entries of a group have in common, at most 8; empty makes one group of all entries, even of none. */
    groupBy?: Grouping[] | undefined;
    /** Most groups, at most 1000; 50 when 0. */
    limit?: number | undefined;
    /** What to tell of each group, at most 16; empty counts the entries. */
    measures?: Measure[] | undefined;
    /** Names of groupings and measures separated by commas, each perhaps followed by desc. Ends with all groupings implicitly. */
    orderBy?: string | undefined;
    /** Include entries that are marked for deletion. */
    showDeleted?: boolean | undefined;
  };
};
export type BatchWriteEntriesApiResponse =
  /** status 200 BatchWriteEntriesResponse tells the result of every row, in order. */ BatchWriteEntriesResponse;
export type BatchWriteEntriesApiArg = {
  component: string;
  body: {
    operations?: WriteOperation[] | undefined;
    /** Store the good rows and report the bad ones, instead of all or nothing. */
    perRow?: boolean | undefined;
    requestId?: string | undefined;
    /** Do all that the request asks for, answer, and take it back: nothing is stored, nothing is triggered. */
    validateOnly?: boolean | undefined;
  };
};
export type ExportEntriesApiResponse =
  /** status 200 ExportEntriesResponse is a piece of the text, which ends anywhere. One line of JSON each. */ Entry;
export type ExportEntriesApiArg = {
  component: string;
  /** CEL over the fields, words and order, as in ListEntriesRequest. */
  filter?: string;
  search?: string;
  orderBy?: string;
  /** Names of fields to write; empty writes all that are stored. */
  fields?: string[];
  /** Include entries that are marked for deletion. */
  showDeleted?: boolean;
  format?: ExportFormat;
};
export type PurgeEntriesApiResponse =
  /** status 200 PurgeEntriesResponse tells what was removed. */ PurgeEntriesResponse;
export type PurgeEntriesApiArg = {
  component: string;
  body: object;
};
export type SavePartApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type SavePartApiArg = {
  component: string;
  body: {
    dataflow?: Dataflow | undefined;
    /** Etag of the revision that was changed. */
    etag?: string | undefined;
    page?: Page | undefined;
    script?: Script | undefined;
    workflow?: Workflow | undefined;
  };
};
export type DeletePartApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type DeletePartApiArg = {
  component: string;
  body: {
    etag?: string | undefined;
    id?: string | undefined;
    kind?: PartKind | undefined;
  };
};
export type ListReferencesApiResponse =
  /** status 200 ListReferencesResponse lists the users. */ ListReferencesResponse;
export type ListReferencesApiArg = {
  component: string;
  /** Stable id of a field or id of a part; empty for all that is in the component and the component itself. */
  target?: string;
};
export type ListRevisionsApiResponse =
  /** status 200 ListRevisionsResponse is a page of revisions. */ ListRevisionsResponse;
export type ListRevisionsApiArg = {
  component: string;
  pageSize?: number;
  pageToken?: string;
};
export type RestoreRevisionApiResponse =
  /** status 200 Component is an object model with its pages, dataflows, workflows, scripts and settings, made and published as one. */ Component;
export type RestoreRevisionApiArg = {
  component: string;
  revision: string;
  body: {
    etag?: string | undefined;
  };
};
export type DiffRevisionsApiResponse =
  /** status 200 DiffRevisionsResponse lists what differs. */ DiffRevisionsResponse;
export type DiffRevisionsApiArg = {
  component: string;
  /** Revision to begin with; 0 for the one that is live, which has nothing in it when none is. */
  from?: string;
  /** Revision to end with; 0 for the newest. */
  to?: string;
};
export type RunScriptApiResponse =
  /** status 200 RunScriptResponse is the result of a script. */ RunScriptResponse;
export type RunScriptApiArg = {
  component: string;
  script: string;
  body: {
    /** Given to main. */
    input?: Value | undefined;
  };
};
export type TestScriptApiResponse =
  /** status 200 RunScriptResponse is the result of a script. */ RunScriptResponse;
export type TestScriptApiArg = {
  component: string;
  script: string;
  body: {
    /** Given to main. */
    input?: Value | undefined;
  };
};
export type PauseScheduleApiResponse =
  /** status 200 Schedule is when a workflow starts by itself. One of cron, every and after is set. */ Schedule;
export type PauseScheduleApiArg = {
  component: string;
  workflow: string;
  body: object;
};
export type ResumeScheduleApiResponse =
  /** status 200 Schedule is when a workflow starts by itself. One of cron, every and after is set. */ Schedule;
export type ResumeScheduleApiArg = {
  component: string;
  workflow: string;
  body: object;
};
export type StartRunApiResponse =
  /** status 200 Run is one execution of a workflow. */ Run;
export type StartRunApiArg = {
  component: string;
  workflow: string;
  body: {
    businessKey?: string | undefined;
    entry?: string | undefined;
    input?: Value | undefined;
    /** Repeating a request with the same id returns the first one's run. */
    requestId?: string | undefined;
  };
};
export type CheckComponentApiResponse =
  /** status 200 CheckResult lists what is wrong with a definition. */ CheckResult;
export type CheckComponentApiArg = {
  component: string;
  body: object;
};
export type MoveApiResponse =
  /** status 200 RenameResponse is what was rewritten, or would be. */ RenameResponse;
export type MoveApiArg = {
  component: string;
  body: {
    /** Etag of the newest revision of the component that it is in. */
    etag?: string | undefined;
    /** Not a field. */
    kind?: RenameKind | undefined;
    /** Id of the part, which it keeps. */
    target?: string | undefined;
    /** Id of the component that it goes to. */
    to?: string | undefined;
    /** Only tell what would change. */
    validateOnly?: boolean | undefined;
  };
};
export type RenameApiResponse =
  /** status 200 RenameResponse is what was rewritten, or would be. */ RenameResponse;
export type RenameApiArg = {
  component: string;
  body: {
    /** Etag of the component's newest revision. */
    etag?: string | undefined;
    kind?: RenameKind | undefined;
    /** The new name of the field, or new id of the part. */
    name?: string | undefined;
    /** Stable id of the field, or id of the part. */
    target?: string | undefined;
    /** Only tell what would change. */
    validateOnly?: boolean | undefined;
  };
};
export type ListFilesApiResponse =
  /** status 200 ListFilesResponse is a page of files. */ ListFilesResponse;
export type ListFilesApiArg = {
  pageSize?: number;
  pageToken?: string;
  /** Path of a folder: only what is in it itself. "/" for what is in none, empty for the files of all folders. */
  folder?: string;
};
export type DeleteFileApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteFileApiArg = {
  file: string;
};
export type GetFileApiResponse =
  /** status 200 File describes a stored file. */ File;
export type GetFileApiArg = {
  file: string;
};
export type UpdateFileApiResponse =
  /** status 200 File describes a stored file. */ File;
export type UpdateFileApiArg = {
  file: string;
  body: {
    /** As in UploadHeader. */
    folder?: string | undefined;
    name?: string | undefined;
  };
};
export type GetThumbnailApiResponse = /** status 200 The picture. */ Blob;
export type GetThumbnailApiArg = {
  file: string;
  /** Pixels of the longer side; what is smaller stays as it is. */
  size: 64 | 256 | 512;
};
export type ListFoldersApiResponse =
  /** status 200 ListFoldersResponse lists folders. */ ListFoldersResponse;
export type ListFoldersApiArg = {
  /** Path of the folder; empty for the outermost ones. */
  parent?: string;
};
export type MoveFolderApiResponse =
  /** status 200 MoveFolderResponse tells what moved. */ MoveFolderResponse;
export type MoveFolderApiArg = {
  body: {
    from?: string | undefined;
    /** As in UploadHeader; empty puts what is in the folder into none. */
    to?: string | undefined;
  };
};
export type ListInvitationsApiResponse =
  /** status 200 ListInvitationsResponse is a page of invitations. */ ListInvitationsResponse;
export type ListInvitationsApiArg = {
  pageSize?: number;
  pageToken?: string;
};
export type CreateInvitationApiResponse =
  /** status 200 Invitation lets a person join. */ Invitation;
export type CreateInvitationApiArg = {
  invitation: Invitation;
};
export type DeleteInvitationApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteInvitationApiArg = {
  invitation: string;
};
export type AcceptInvitationApiResponse =
  /** status 200 SignInResponse is a new session. */ SignInResponse;
export type AcceptInvitationApiArg = {
  body: {
    displayName?: string | undefined;
    /** New password, or the present one of an existing user. */
    password?: string | undefined;
    returnToken?: boolean | undefined;
    token?: string | undefined;
  };
};
export type ListNoticesApiResponse =
  /** status 200 ListNoticesResponse is a page of notices. */ ListNoticesResponse;
export type ListNoticesApiArg = {
  /** Only those that were not read. */
  unread?: boolean;
  /** At most 100; 20 when 0. */
  pageSize?: number;
  pageToken?: string;
};
export type ReadNoticesApiResponse =
  /** status 200 ReadNoticesResponse is empty. */ ReadNoticesResponse;
export type ReadNoticesApiArg = {
  body: {
    /** All of the caller's, instead. */
    all?: boolean | undefined;
    /** Ids, at most 100; those that the caller does not have are passed over. */
    notices?: string[] | undefined;
  };
};
export type ChangePasswordApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type ChangePasswordApiArg = {
  body: {
    currentPassword?: string | undefined;
    newPassword?: string | undefined;
  };
};
export type ResetPasswordApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type ResetPasswordApiArg = {
  body: {
    password?: string | undefined;
    token?: string | undefined;
  };
};
export type CreatePreviewApiResponse =
  /** status 200 Preview is a release that one person tries. */ Preview;
export type CreatePreviewApiArg = {
  body: {
    /** Components to try as they are in their newest revisions; all when empty. The others are as they are live. */
    components?: string[] | undefined;
  };
};
export type DeletePreviewApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeletePreviewApiArg = {
  preview: string;
};
export type ListPublicationsApiResponse =
  /** status 200 ListPublicationsResponse is a page of publications. */ ListPublicationsResponse;
export type ListPublicationsApiArg = {
  pageSize?: number;
  pageToken?: string;
};
export type CreatePublicationApiResponse =
  /** status 200 Publication is one attempt to make revisions live. */ Publication;
export type CreatePublicationApiArg = {
  body: {
    components?: string[] | undefined;
    /** Names of DataLoss that are accepted. */
    confirmLosses?: string[] | undefined;
    remove?: string[] | undefined;
    /** Repeating a request with the same id returns the first one's publication. */
    requestId?: string | undefined;
    /** Brings this earlier release back instead of publishing newest revisions; components and remove must be empty. */
    restoreRelease?: string | undefined;
  };
};
export type GetPublicationApiResponse =
  /** status 200 Publication is one attempt to make revisions live. */ Publication;
export type GetPublicationApiArg = {
  publication: string;
};
export type PlanPublicationApiResponse =
  /** status 200 PublicationPlan is what a publication would do. */ PublicationPlan;
export type PlanPublicationApiArg = {
  body: {
    /** Components to publish in their newest revision; the others stay as they are. All that changed when this and remove are empty. */
    components?: string[] | undefined;
    /** Components to take out of the release. */
    remove?: string[] | undefined;
    /** Plans to bring this earlier release back; components and remove must be empty. Data that it does not know stays, unless its loss
        is confirmed. */
    restoreRelease?: string | undefined;
  };
};
export type ListPublishedComponentsApiResponse =
  /** status 200 ListPublishedComponentsResponse lists what is live. */ ListPublishedComponentsResponse;
export type ListPublishedComponentsApiArg = void;
export type GetPublishedPageApiResponse =
  /** status 200 PublishedPage is a page with what is needed to draw it. */ PublishedPage;
export type GetPublishedPageApiArg = {
  component: string;
  page: string;
};
export type GetApiDocumentApiResponse =
  /** status 200 An OpenAPI 3.1 document. */ object;
export type GetApiDocumentApiArg = void;
export type ListReleasesApiResponse =
  /** status 200 ListReleasesResponse is a page of releases. */ ListReleasesResponse;
export type ListReleasesApiArg = {
  pageSize?: number;
  pageToken?: string;
};
export type ListRolesApiResponse =
  /** status 200 ListRolesResponse lists the roles. */ ListRolesResponse;
export type ListRolesApiArg = void;
export type CreateRoleApiResponse =
  /** status 200 Role is a named set of grants. */ Role;
export type CreateRoleApiArg = {
  role: Role;
};
export type DeleteRoleApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteRoleApiArg = {
  role: string;
};
export type UpdateRoleApiResponse =
  /** status 200 Role is a named set of grants. */ Role;
export type UpdateRoleApiArg = {
  /** Lower case letters, digits, dash and underscore; chosen at creation. */
  role: string;
  /** display_name, grants. Field paths as in the proto files, separated by commas. */
  updateMask?: string;
  body: Role;
};
export type ListRoleReferencesApiResponse =
  /** status 200 ListReferencesResponse lists the users. */ ListReferencesResponse;
export type ListRoleReferencesApiArg = {
  role: string;
};
export type ListRunsApiResponse =
  /** status 200 ListRunsResponse is a page of runs without input and output. */ ListRunsResponse;
export type ListRunsApiArg = {
  pageSize?: number;
  pageToken?: string;
  /** Only runs of this component, workflow, state, business key. */
  component?: string;
  workflow?: string;
  state?: RunState;
  businessKey?: string;
};
export type GetRunApiResponse =
  /** status 200 Run is one execution of a workflow. */ Run;
export type GetRunApiArg = {
  run: string;
};
export type ListRunEventsApiResponse =
  /** status 200 ListRunEventsResponse is a page of history. */ ListRunEventsResponse;
export type ListRunEventsApiArg = {
  run: string;
  pageSize?: number;
  pageToken?: string;
};
export type CancelRunApiResponse =
  /** status 200 Run is one execution of a workflow. */ Run;
export type CancelRunApiArg = {
  run: string;
  body: {
    reason?: string | undefined;
  };
};
export type RetryRunApiResponse =
  /** status 200 Run is one execution of a workflow. */ Run;
export type RetryRunApiArg = {
  run: string;
  body: object;
};
export type SignalRunApiResponse =
  /** status 200 Run is one execution of a workflow. */ Run;
export type SignalRunApiArg = {
  run: string;
  body: {
    data?: Value | undefined;
    requestId?: string | undefined;
    /** Type of the event, matched by listen tasks. */
    type?: string | undefined;
  };
};
export type ListSamplesApiResponse =
  /** status 200 ListSamplesResponse lists the samples without their definitions. */ ListSamplesResponse;
export type ListSamplesApiArg = void;
export type GetSampleApiResponse =
  /** status 200 Sample is a sample app. */ Sample;
export type GetSampleApiArg = {
  sample: string;
};
export type GetInstallationApiResponse =
  /** status 200 Installation is the progress of installing a sample. */ Installation;
export type GetInstallationApiArg = {
  sample: string;
};
export type InstallSampleApiResponse =
  /** status 200 Installation is the progress of installing a sample. */ Installation;
export type InstallSampleApiArg = {
  sample: string;
  body: object;
};
export type ListSchedulesApiResponse =
  /** status 200 ListSchedulesResponse has them. */ ListSchedulesResponse;
export type ListSchedulesApiArg = void;
export type SignInApiResponse =
  /** status 200 SignInResponse is a new session. */ SignInResponse;
export type SignInApiArg = {
  body: {
    email?: string | undefined;
    password?: string | undefined;
    returnToken?: boolean | undefined;
    /** Id of the tenant to work in; the last one used when empty. */
    tenant?: string | undefined;
  };
};
export type SignOutApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type SignOutApiArg = void;
export type GetCurrentSessionApiResponse =
  /** status 200 Session is a signed-in person or key in a tenant. */ Session;
export type GetCurrentSessionApiArg = void;
export type SwitchTenantApiResponse =
  /** status 200 Session is a signed-in person or key in a tenant. */ Session;
export type SwitchTenantApiArg = {
  body: {
    tenant?: string | undefined;
  };
};
export type CompleteSetupApiResponse =
  /** status 200 SignInResponse is a new session. */ SignInResponse;
export type CompleteSetupApiArg = {
  body: {
    displayName?: string | undefined;
    email?: string | undefined;
    /** At least 10 characters. */
    password?: string | undefined;
    /** Put the session's token into the answer, for callers without cookies. */
    returnToken?: boolean | undefined;
    tenantName?: string | undefined;
    token?: string | undefined;
  };
};
export type ListStepTypesApiResponse =
  /** status 200 DescribeResponse is the catalogue. */ DataflowDescribeResponse;
export type ListStepTypesApiArg = void;
export type ListTaskTypesApiResponse =
  /** status 200 DescribeResponse is the catalogue. */ WorkflowDescribeResponse;
export type ListTaskTypesApiArg = void;
export type ListTasksApiResponse =
  /** status 200 ListTasksResponse is a page of tasks. */ ListTasksResponse;
export type ListTasksApiArg = {
  /** Tasks in this state; OPEN when unspecified. */
  state?: TaskState;
  pageSize?: number;
  pageToken?: string;
};
export type GetTaskApiResponse =
  /** status 200 Task is a question to people. */ Task;
export type GetTaskApiArg = {
  task: string;
};
export type AnswerTaskApiResponse =
  /** status 200 Task is a question to people. */ Task;
export type AnswerTaskApiArg = {
  task: string;
  body: {
    /** Value of one of the choices. */
    answer?: Value | undefined;
    /** Words for the history, at most 4,000 characters. */
    comment?: string | undefined;
  };
};
export type ClaimTaskApiResponse =
  /** status 200 Task is a question to people. */ Task;
export type ClaimTaskApiArg = {
  task: string;
  body: object;
};
export type DelegateTaskApiResponse =
  /** status 200 Task is a question to people. */ Task;
export type DelegateTaskApiArg = {
  task: string;
  body: {
    /** Id or e-mail address of a user of the organization. */
    user?: string | undefined;
  };
};
export type ReleaseTaskApiResponse =
  /** status 200 Task is a question to people. */ Task;
export type ReleaseTaskApiArg = {
  task: string;
  body: object;
};
export type DeleteTenantApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteTenantApiArg = {
  body: {
    /** The display name of the tenant, as it is shown. */
    confirm?: string | undefined;
  };
};
export type SignUpApiResponse =
  /** status 200 SignInResponse is a new session. */ SignInResponse;
export type SignUpApiArg = {
  body: {
    displayName?: string | undefined;
    email?: string | undefined;
    password?: string | undefined;
    returnToken?: boolean | undefined;
    tenantName?: string | undefined;
  };
};
export type CreateUploadApiResponse =
  /** status 200 Upload is a file that arrives in parts. */ Upload;
export type CreateUploadApiArg = {
  body: {
    /** Media type; must fit the content. Detected when empty. */
    contentType?: string | undefined;
    /** As in UploadHeader. */
    folder?: string | undefined;
    name?: string | undefined;
    /** Bytes of the whole file. */
    size?: string | undefined;
  };
};
export type DeleteUploadApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type DeleteUploadApiArg = {
  upload: string;
};
export type GetUploadApiResponse =
  /** status 200 Upload is a file that arrives in parts. */ Upload;
export type GetUploadApiArg = {
  upload: string;
};
export type FinishUploadApiResponse =
  /** status 200 File describes a stored file. */ File;
export type FinishUploadApiArg = {
  upload: string;
  body: object;
};
export type UploadPartApiResponse =
  /** status 200 Upload is a file that arrives in parts. */ Upload;
export type UploadPartApiArg = {
  upload: string;
  /** Where the part begins: how much has arrived. */
  offset: number;
  body: Blob;
};
export type ListUsersApiResponse =
  /** status 200 ListUsersResponse is a page of users. */ ListUsersResponse;
export type ListUsersApiArg = {
  pageSize?: number;
  pageToken?: string;
};
export type RemoveUserApiResponse =
  /** status 200 A generic empty message that you can re-use to avoid defining duplicated
empty messages in your APIs. A typical example is to use it as the request
or the response type of an API method. For instance:

    service Foo {
      rpc Bar(google.protobuf.Empty) returns (google.protobuf.Empty);
    } */ object;
export type RemoveUserApiArg = {
  user: string;
};
export type GetUserApiResponse =
  /** status 200 User is a person in a tenant. */ User;
export type GetUserApiArg = {
  user: string;
};
export type UpdateUserApiResponse =
  /** status 200 User is a person in a tenant. */ User;
export type UpdateUserApiArg = {
  user: string;
  /** display_name, roles, disabled. Field paths as in the proto files, separated by commas. */
  updateMask?: string;
  body: User;
};
export type CreatePasswordLinkApiResponse =
  /** status 200 PasswordLink is a one-time link to set a password. */ PasswordLink;
export type CreatePasswordLinkApiArg = {
  user: string;
  body: object;
};
export type ApiKey = {
  createTime?: string | undefined;
  displayName?: string | undefined;
  /** Unset never expires. */
  expireTime?: string | undefined;
  id?: string | undefined;
  /** The key itself, only in the answer to CreateApiKey. Send it as "Authorization: Bearer". */
  key?: string | undefined;
  /** Roles it is limited to, a subset of the owner's; empty means all of the owner's. */
  roles?: string[] | undefined;
  /** User it acts as. */
  user?: string | undefined;
};
export type ListApiKeysResponse = {
  apiKeys?: ApiKey[] | undefined;
  nextPageToken?: string | undefined;
};
export type Error = {
  error: {
    /** HTTP status. */
    code: number;
    details?:
      | {
          [key: string]: string;
        }
      | undefined;
    /** Why, for people. */
    message: string;
    /** Why, for programs. */
    reason:
      | "MALFORMED_REQUEST"
      | "UNKNOWN_FIELD"
      | "INVALID_FIELDS"
      | "REQUEST_TOO_LARGE"
      | "REQUEST_TOO_DEEP"
      | "UNKNOWN_METHOD"
      | "METHOD_NOT_ALLOWED"
      | "UNSUPPORTED_MEDIA_TYPE"
      | "UNAUTHENTICATED"
      | "WRONG_CREDENTIALS"
      | "SESSION_EXPIRED"
      | "LINK_INVALID"
      | "PERMISSION_DENIED"
      | "PEER_NOT_ALLOWED"
      | "CROSS_ORIGIN"
      | "RATE_LIMITED"
      | "OVERLOADED"
      | "SERVICE_UNAVAILABLE"
      | "DEADLINE_EXCEEDED"
      | "CANCELED"
      | "INTERNAL"
      | "NOT_SUPPORTED"
      | "TENANT_NOT_FOUND"
      | "TENANT_EXISTS"
      | "TENANT_SUSPENDED"
      | "SIGN_UP_CLOSED"
      | "SETUP_DONE"
      | "USER_NOT_FOUND"
      | "USER_EXISTS"
      | "USER_DISABLED"
      | "LAST_ADMIN"
      | "WEAK_PASSWORD"
      | "INVITATION_NOT_FOUND"
      | "ROLE_NOT_FOUND"
      | "ROLE_EXISTS"
      | "ROLE_BUILT_IN"
      | "GRANT_EXCEEDS_OWN"
      | "API_KEY_NOT_FOUND"
      | "SESSION_NOT_FOUND"
      | "COMPONENT_NOT_FOUND"
      | "COMPONENT_EXISTS"
      | "COMPONENT_IN_USE"
      | "PART_NOT_FOUND"
      | "REVISION_NOT_FOUND"
      | "ETAG_MISMATCH"
      | "DEFINITION_INVALID"
      | "DEFINITION_TOO_LARGE"
      | "PAGE_NOT_FOUND"
      | "DATAFLOW_NOT_FOUND"
      | "WORKFLOW_NOT_FOUND"
      | "SCRIPT_NOT_FOUND"
      | "PUBLICATION_NOT_FOUND"
      | "PUBLICATION_IN_PROGRESS"
      | "PUBLICATION_HAS_PROBLEMS"
      | "PUBLICATION_LOSES_DATA"
      | "RELEASE_NOT_FOUND"
      | "NOTHING_PUBLISHED"
      | "SCHEMA_CHANGE_REFUSED"
      | "SAMPLE_NOT_FOUND"
      | "SAMPLE_INSTALLED"
      | "EXPRESSION_INVALID"
      | "EXPRESSION_COST"
      | "EXPRESSION_FAILED"
      | "EXPRESSION_NOT_TRANSLATABLE"
      | "ENTRY_NOT_FOUND"
      | "ENTRY_EXISTS"
      | "ENTRY_REFERENCED"
      | "REFERENCE_NOT_FOUND"
      | "VALUE_INVALID"
      | "REQUEST_ID_REUSED"
      | "PAGE_TOKEN_INVALID"
      | "FILE_NOT_FOUND"
      | "FILE_TOO_LARGE"
      | "FILE_TYPE_REFUSED"
      | "FILE_RANGE_INVALID"
      | "FILE_INCOMPLETE"
      | "QUOTA_EXCEEDED"
      | "STEP_TYPE_UNKNOWN"
      | "STEP_FAILED"
      | "DATAFLOW_INVALID"
      | "INPUT_INVALID"
      | "IMPORT_FAILED"
      | "CALL_FAILED"
      | "ADDRESS_REFUSED"
      | "SCRIPT_FAILED"
      | "SCRIPT_TIMEOUT"
      | "SCRIPT_LIMIT"
      | "SANDBOX_UNAVAILABLE"
      | "RUN_NOT_FOUND"
      | "RUN_FINISHED"
      | "RUN_NOT_RETRYABLE"
      | "TASK_NOT_FOUND"
      | "TASK_ANSWERED"
      | "TASK_NOT_YOURS"
      | "ANSWER_INVALID"
      | "WORKFLOW_INVALID"
      | "RUN_CANCELED"
      | "ENTRY_HELD";
    /** gRPC status, such as NOT_FOUND. */
    status: string;
    violations?:
      | {
          description: string;
          /** Path of the field, such as entry.fields.total. */
          field: string;
        }[]
      | undefined;
  };
};
export type AuditRecord = {
  /** The method, such as Components.UpdateComponent, or what was done, such as session.create. */
  action?: string | undefined;
  /** Where the call came from. */
  address?: string | undefined;
  createTime?: string | undefined;
  displayName?: string | undefined;
  id?: string | undefined;
  /** The status of the answer, as HTTP has it. 0 where the record was made with the change itself; 102 while a call goes on, or
    when the process ended in the middle of it. */
  outcome?: number | undefined;
  /** Who called: the id of a user, and the name where it is known. */
  subject?: string | undefined;
  /** What it was done to: the path of the call, or an id. */
  target?: string | undefined;
};
export type ListAuditRecordsResponse = {
  nextPageToken?: string | undefined;
  records?: AuditRecord[] | undefined;
};
export type VerifyEntryHistoryResponse = {
  /** The last block that was verified, when it was sealed, and its head. */
  block?: string | undefined;
  /** There are no more blocks. Then unsealed tells how many changes came since, which no seal protects yet. */
  done?: boolean | undefined;
  head?: string | undefined;
  /** What is wrong, as a sentence; empty when nothing is. */
  problem?: string | undefined;
  /** How many changes were looked at. */
  rows?: string | undefined;
  sealTime?: string | undefined;
  unsealed?: string | undefined;
};
export type VerifyAuditResponse = {
  /** The last block that was verified, when it was sealed, and its head. */
  block?: string | undefined;
  /** There are no more blocks. Then unsealed tells how many records came since, which no seal protects yet. */
  done?: boolean | undefined;
  head?: string | undefined;
  /** What is wrong, as a sentence; empty when nothing is. */
  problem?: string | undefined;
  /** How many records were looked at. */
  rows?: string | undefined;
  sealTime?: string | undefined;
  unsealed?: string | undefined;
};
export type Kind =
  | "KIND_UNSPECIFIED"
  | "KIND_ENTRY"
  | "KIND_RUN"
  | "KIND_TASK"
  | "KIND_PUBLICATION"
  | "KIND_COMPONENT"
  | "KIND_NOTICE";
export type Change = {
  /** Component that it belongs to; empty for a publication. */
  component?: string | undefined;
  /** Id of what changed; empty when many did, and of entries that not every reader of the component may see. */
  id?: string | undefined;
  kind?: Kind | undefined;
};
export type Value = Json;
export type Step = {
  /** Name within the dataflow. */
  id?: string | undefined;
  /** Settings as the type's spec lists them. */
  params?:
    | {
        [key: string]: Value;
      }
    | undefined;
  /** Ids of the steps whose output this one reads. */
  sources?: string[] | undefined;
  title?: string | undefined;
  /** Type from the catalogue of steps. */
  type?: string | undefined;
};
export type Dataflow = {
  id?: string | undefined;
  /** Roles that may run it directly; empty lets in everyone who may use the component. */
  roles?: string[] | undefined;
  steps?: Step[] | undefined;
  title?: string | undefined;
};
export type ArrayRules = {
  /** Component referred to. */
  component?: string | undefined;
  /** Each target belongs to at most one entry (1:M); otherwise M:M. */
  exclusive?: boolean | undefined;
};
export type CatalogRules = {
  /** Component referred to. */
  component?: string | undefined;
  /** At most one entry may refer to the same target (1:1). */
  unique?: boolean | undefined;
};
export type FileRules = {
  /** Media types such as "image/png" or "image/*"; empty accepts all. */
  acceptedTypes?: string[] | undefined;
  /** Most bytes, 0 for the installation's limit. */
  maxBytes?: string | undefined;
};
export type EnumOption = {
  label?: string | undefined;
  value?: string | undefined;
};
export type IntegerRules = {
  max?: string | undefined;
  min?: string | undefined;
  /** Allowed values with their labels; empty allows every integer. */
  options?: EnumOption[] | undefined;
};
export type NumberRules = {
  max?: string | undefined;
  /** Decimal texts, empty for no bound. */
  min?: string | undefined;
  /** Digits after the point, 0 to 18; unset keeps what is written, up to 18. */
  precision?: number | undefined;
};
export type StringRules = {
  maxLength?: number | undefined;
  /** Characters, counted as Unicode code points; 0 means no bound. */
  minLength?: number | undefined;
  /** RE2 expression that the whole text must match. */
  pattern?: string | undefined;
};
export type FieldType =
  | "FIELD_TYPE_UNSPECIFIED"
  | "FIELD_TYPE_STRING"
  | "FIELD_TYPE_INTEGER"
  | "FIELD_TYPE_NUMBER"
  | "FIELD_TYPE_BOOLEAN"
  | "FIELD_TYPE_DATE"
  | "FIELD_TYPE_TIME"
  | "FIELD_TYPE_DATETIME"
  | "FIELD_TYPE_URI"
  | "FIELD_TYPE_FILE"
  | "FIELD_TYPE_CATALOG"
  | "FIELD_TYPE_ARRAY";
export type Field = {
  array?: ArrayRules | undefined;
  catalog?: CatalogRules | undefined;
  description?: string | undefined;
  file?: FileRules | undefined;
  /** Stable id; assigned by the server when empty. Columns and references are bound to it, so a rename changes no data. */
  id?: string | undefined;
  integer?: IntegerRules | undefined;
  /** The entry's system field "name" is filled from this one. */
  isName?: boolean | undefined;
  /** Shown as the entry's title. */
  isTitle?: boolean | undefined;
  /** Never stored. */
  isVirtual?: boolean | undefined;
  /** Name in expressions and in JSON: a letter, then letters, digits and underscore, at most 60 characters. */
  name?: string | undefined;
  number?: NumberRules | undefined;
  /** External identity: unique among the entries, used by look-ups. Several fields form one key together. */
  primaryKey?: boolean | undefined;
  /** Can be filtered and sorted on: indexed. */
  query?: boolean | undefined;
  required?: boolean | undefined;
  /** Full-text search looks into it: indexed. For strings that are stored and not sensitive. 50,000 characters of an entry
    count, shared evenly among such fields. */
  searchable?: boolean | undefined;
  /** Holds personal or secret data: kept encrypted, cannot be filtered on. */
  sensitive?: boolean | undefined;
  string?: StringRules | undefined;
  /** Label for people. */
  title?: string | undefined;
  type?: FieldType | undefined;
};
export type ObjectModel = {
  fields?: Field[] | undefined;
};
export type Page = {
  /** {"root": id, "nodes": {id: {"type", "name", "props", "slots"}}}. A bound property is {"$expr": "CEL"}. */
  document?: Value | undefined;
  /** Name in paths: lower case letters, digits, dash and underscore. */
  id?: string | undefined;
  /** Roles that may open the page; empty lets in everyone who may use the component. */
  roles?: string[] | undefined;
  title?: string | undefined;
};
export type Script = {
  id?: string | undefined;
  /** Roles that may run it directly; empty lets in everyone who may use the component. */
  roles?: string[] | undefined;
  /** Source text, at most 256 KiB. The entry point is a function "main(item)". */
  source?: string | undefined;
  title?: string | undefined;
};
export type Operation =
  | "OPERATION_UNSPECIFIED"
  | "OPERATION_READ"
  | "OPERATION_CREATE"
  | "OPERATION_UPDATE"
  | "OPERATION_DELETE";
export type AccessRule = {
  /** CEL over "entry" and "user", for example entry.creator_subject == user.id; empty matches all entries. */
  filter?: string | undefined;
  operations?: Operation[] | undefined;
  role?: string | undefined;
};
export type Trigger = {
  /** CEL over "entry"; empty starts on every such change. */
  condition?: string | undefined;
  id?: string | undefined;
  /** CREATE, UPDATE or DELETE. */
  operation?: Operation | undefined;
  /** Workflow of the same component. */
  workflow?: string | undefined;
};
export type Settings = {
  /** Who may do what with entries. Empty leaves it to the roles' grants alone; with any rule, roles that are not named have no
    access. Built-in administrators always have. */
  access?: AccessRule[] | undefined;
  /** Not shown in the navigation. */
  hidden?: boolean | undefined;
  /** Id of the page that opens first. */
  homePage?: string | undefined;
  /** Workflows that changes of entries start. */
  triggers?: Trigger[] | undefined;
};
export type Workflow = {
  /** Document of Open Workflow DSL 1.0.3 as JSON. */
  document?: Value | undefined;
  id?: string | undefined;
  /** Roles that may start it; empty lets in everyone who may use the component. */
  roles?: string[] | undefined;
  title?: string | undefined;
};
export type Component = {
  createTime?: string | undefined;
  dataflows?: Dataflow[] | undefined;
  description?: string | undefined;
  displayName?: string | undefined;
  /** Changes with every save; sent back with the next one. A stale etag is refused with ABORTED. */
  etag?: string | undefined;
  /** Name in paths and expressions: lower case letters, digits and underscore, begins with a letter, at most 40 characters.
    Chosen at creation. */
  id?: string | undefined;
  model?: ObjectModel | undefined;
  pages?: Page[] | undefined;
  /** Revision that is live, 0 when none is. */
  publishedRevision?: string | undefined;
  /** Number of the newest revision, counted from 1. */
  revision?: string | undefined;
  scripts?: Script[] | undefined;
  settings?: Settings | undefined;
  /** Stable identity, never changes, assigned by the server. */
  uid?: string | undefined;
  /** Id of the user who saved this revision. */
  updateSubject?: string | undefined;
  updateTime?: string | undefined;
  workflows?: Workflow[] | undefined;
};
export type ListComponentsResponse = {
  components?: Component[] | undefined;
  /** Empty on the last page. */
  nextPageToken?: string | undefined;
};
export type Action = {
  params?:
    | {
        [key: string]: Value;
      }
    | undefined;
  /** run-script, open-page, open-component, open-sidebar, open-modal, open-file, close. */
  type?: string | undefined;
};
export type RowError = {
  field?: string | undefined;
  /** Line in the source file, or number of the item, from 1. */
  line?: string | undefined;
  message?: string | undefined;
};
export type StepReport = {
  duration?: string | undefined;
  /** Rows that were refused, at most 100 of them in detail. */
  errors?: RowError[] | undefined;
  rowsFailed?: string | undefined;
  rowsIn?: string | undefined;
  rowsOut?: string | undefined;
  step?: string | undefined;
  type?: string | undefined;
};
export type RunDataflowResponse = {
  /** What the page is asked to do, in order. */
  actions?: Action[] | undefined;
  /** What the write-response step gave, or null. */
  output?: Value | undefined;
  steps?: StepReport[] | undefined;
};
export type TestedStep = {
  /** Why the step failed, empty when it did not. */
  error?: string | undefined;
  /** First items of its output, at most 20, and as many as fit into 64 KiB. */
  items?: Value[] | undefined;
  /** Reason of the failure, the name of aqtra.fault.v1.Reason without its prefix. */
  reason?: string | undefined;
  report?: StepReport | undefined;
  /** What the step did not do because this is a test, such as "POST https://example.com/orders was not sent". */
  skipped?: string[] | undefined;
};
export type TestDataflowResponse = {
  /** What a page would be asked to do, in order. */
  actions?: Action[] | undefined;
  output?: Value | undefined;
  /** Revision of the component that was tested. */
  revision?: string | undefined;
  /** Every step that ran, the failed one last. */
  steps?: TestedStep[] | undefined;
};
export type ExpandedEntries = {
  entries?: Entry[] | undefined;
};
export type Entry = {
  createTime?: string | undefined;
  creatorSubject?: string | undefined;
  /** Set while the entry is marked for deletion. */
  deleteTime?: string | undefined;
  etag?: string | undefined;
  /** Entries that expanded references name, by field; only in answers. An entry that the caller may not read is left out as
    one that does not exist is; one that is marked for deletion has its delete_time. */
  expanded?:
    | {
        [key: string]: ExpandedEntries;
      }
    | undefined;
  /** Fields by name. An absent field was never set or is not in the read mask; null is known to be empty. */
  fields?:
    | {
        [key: string]: Value;
      }
    | undefined;
  id?: string | undefined;
  /** System fields. */
  name?: string | undefined;
  updateSubject?: string | undefined;
  updateTime?: string | undefined;
};
export type ListEntriesResponse = {
  entries?: Entry[] | undefined;
  nextPageToken?: string | undefined;
  /** All matching entries, when count was asked for. */
  totalSize?: string | undefined;
};
export type EntryChange = {
  after?:
    | {
        [key: string]: Value;
      }
    | undefined;
  /** Fields that changed, with their values before and after. */
  before?:
    | {
        [key: string]: Value;
      }
    | undefined;
  operation?: Operation | undefined;
  /** Release under which it happened. */
  release?: string | undefined;
  subject?: string | undefined;
  time?: string | undefined;
};
export type ListEntryChangesResponse = {
  changes?: EntryChange[] | undefined;
  nextPageToken?: string | undefined;
};
export type Hold = {
  /** Workflow of the run, and the component that it belongs to. */
  component?: string | undefined;
  holdTime?: string | undefined;
  /** Empty when nothing keeps the entry, as all that follows. */
  run?: string | undefined;
  workflow?: string | undefined;
};
export type AggregateGroup = {
  /** Values of groupings and measures by their names. */
  values?:
    | {
        [key: string]: Value;
      }
    | undefined;
};
export type AggregateEntriesResponse = {
  groups?: AggregateGroup[] | undefined;
  /** There are more groups than the limit. */
  truncated?: boolean | undefined;
};
export type DateUnit =
  | "DATE_UNIT_UNSPECIFIED"
  | "DATE_UNIT_DAY"
  | "DATE_UNIT_MONTH"
  | "DATE_UNIT_YEAR";
export type Grouping = {
  /** A field, perhaps through at most 4 references: "customer.region". Lists, encrypted and virtual fields make no groups. */
  field?: string | undefined;
  /** Name in the answer and in order_by: a letter, then letters, digits, underscores and dots, at most 100 characters. When
    empty it is the field, with a unit "due.month". */
  name?: string | undefined;
  /** For dates and datetimes, which are read in UTC: only this part counts, and the value is its first day. */
  unit?: DateUnit | undefined;
};
export type MeasureFunction =
  | "MEASURE_FUNCTION_UNSPECIFIED"
  | "MEASURE_FUNCTION_COUNT"
  | "MEASURE_FUNCTION_SUM"
  | "MEASURE_FUNCTION_AVG"
  | "MEASURE_FUNCTION_MIN"
  | "MEASURE_FUNCTION_MAX"
  | "MEASURE_FUNCTION_COUNT_DISTINCT";
export type Measure = {
  /** A field, as in Grouping. Empty for the count of entries. */
  field?: string | undefined;
  function?: MeasureFunction | undefined;
  /** Name in the answer and in order_by, as in Grouping. When empty it is "count" or, with a field, such as "sum_total". */
  name?: string | undefined;
};
export type WriteViolation = {
  field?: string | undefined;
  message?: string | undefined;
};
export type WriteError = {
  /** Field at fault, if one is. */
  field?: string | undefined;
  message?: string | undefined;
  /** Name of aqtra.fault.v1.Reason without its prefix. */
  reason?: string | undefined;
  /** Number of the row in the request, from 0. */
  row?: number | undefined;
  /** Everything that is wrong with the row; field and message above are the first of them. */
  violations?: WriteViolation[] | undefined;
};
export type WriteResult = {
  /** Set when the row was refused. */
  error?: WriteError | undefined;
  etag?: string | undefined;
  id?: string | undefined;
};
export type BatchWriteEntriesResponse = {
  created?: string | undefined;
  deleted?: string | undefined;
  failed?: string | undefined;
  results?: WriteResult[] | undefined;
  unchanged?: string | undefined;
  updated?: string | undefined;
};
export type WriteAction =
  | "WRITE_ACTION_UNSPECIFIED"
  | "WRITE_ACTION_CREATE"
  | "WRITE_ACTION_UPDATE"
  | "WRITE_ACTION_UPSERT"
  | "WRITE_ACTION_DELETE";
export type WriteOperation = {
  /** What to do. */
  action?: WriteAction | undefined;
  /** CREATE: fields. UPDATE, DELETE: id, perhaps etag, and fields. UPSERT: fields with the whole primary key. */
  entry?: Entry | undefined;
};
export type ExportFormat =
  "EXPORT_FORMAT_UNSPECIFIED" | "EXPORT_FORMAT_NDJSON" | "EXPORT_FORMAT_CSV";
export type PurgeEntriesResponse = {
  /** Entries kept because something refers to them. */
  kept?: string | undefined;
  purged?: string | undefined;
};
export type PartKind =
  | "PART_KIND_UNSPECIFIED"
  | "PART_KIND_PAGE"
  | "PART_KIND_DATAFLOW"
  | "PART_KIND_WORKFLOW"
  | "PART_KIND_SCRIPT";
export type Reference = {
  /** Component and path of the user. */
  component?: string | undefined;
  /** The name is the last key of path itself, not the text there. */
  inKey?: boolean | undefined;
  /** What is used: "component", "field", "page", "dataflow", "workflow", "script", "role". */
  kind?: string | undefined;
  length?: number | undefined;
  /** Where the name stands in the text at path, in Unicode code points; a length of 0 says that it is not written there as it is, so
    that a rename cannot change it. */
  offset?: number | undefined;
  path?: string | undefined;
  /** Component that holds the target, and the target's stable id in it (empty for the component itself). */
  targetComponent?: string | undefined;
  targetId?: string | undefined;
};
export type ListReferencesResponse = {
  references?: Reference[] | undefined;
};
export type Revision = {
  createTime?: string | undefined;
  revision?: string | undefined;
  /** Id of the user who saved it. */
  subject?: string | undefined;
  /** What changed, in words. */
  summary?: string | undefined;
};
export type ListRevisionsResponse = {
  nextPageToken?: string | undefined;
  revisions?: Revision[] | undefined;
};
export type DifferenceKind =
  | "DIFFERENCE_KIND_UNSPECIFIED"
  | "DIFFERENCE_KIND_ADDED"
  | "DIFFERENCE_KIND_REMOVED"
  | "DIFFERENCE_KIND_CHANGED"
  | "DIFFERENCE_KIND_MOVED";
export type Difference = {
  after?: string | undefined;
  /** A changed setting before and after: text as it is, anything else as JSON, at most 4,000 characters; empty for none. */
  before?: string | undefined;
  kind?: DifferenceKind | undefined;
  /** Where, as in problems, for example "pages/form/nodes/n3/props/label"; where it was when it was removed. */
  path?: string | undefined;
  /** What, in words. */
  text?: string | undefined;
};
export type DiffRevisionsResponse = {
  /** In the order of the definition, at most 1,000. */
  differences?: Difference[] | undefined;
  /** The revisions that were compared; from is 0 when none is live. */
  from?: string | undefined;
  to?: string | undefined;
  /** There are more. */
  truncated?: boolean | undefined;
};
export type LogLine = {
  /** info, warning or error. */
  level?: string | undefined;
  text?: string | undefined;
};
export type RunScriptResponse = {
  duration?: string | undefined;
  logs?: LogLine[] | undefined;
  output?: Value | undefined;
};
export type Schedule = {
  /** Time between the end of a run and the start of the next one. */
  after?: string | undefined;
  component?: string | undefined;
  /** Five fields, as crontab(5) has them, in UTC, or in a time zone: "CRON_TZ=Europe/Berlin 0 9 * * 1-5". */
  cron?: string | undefined;
  /** Time between two starts, as an ISO 8601 duration, such as "PT15M". */
  every?: string | undefined;
  /** Run that was started last. */
  lastRun?: string | undefined;
  lastTime?: string | undefined;
  /** When it starts next; absent while it is paused, or waits for the end of a run. */
  nextTime?: string | undefined;
  paused?: boolean | undefined;
  /** Why the last start failed; empty when it did not. */
  problem?: string | undefined;
  /** User for whom the runs act. */
  subject?: string | undefined;
  /** Title of the workflow. */
  title?: string | undefined;
  workflow?: string | undefined;
};
export type RunError = {
  detail?: string | undefined;
  /** Path of the task that raised it. */
  instance?: string | undefined;
  status?: number | undefined;
  title?: string | undefined;
  /** URI of the error's type. */
  type?: string | undefined;
};
export type RunState =
  | "RUN_STATE_UNSPECIFIED"
  | "RUN_STATE_RUNNING"
  | "RUN_STATE_WAITING"
  | "RUN_STATE_SUCCEEDED"
  | "RUN_STATE_FAILED"
  | "RUN_STATE_CANCELED";
export type Run = {
  /** What the run is about, for people and look-ups, such as an invoice number. */
  businessKey?: string | undefined;
  component?: string | undefined;
  createTime?: string | undefined;
  /** Entry that the run is about, if any. */
  entry?: string | undefined;
  /** Why a run failed. */
  error?: RunError | undefined;
  finishTime?: string | undefined;
  id?: string | undefined;
  input?: Value | undefined;
  /** Result of a run that succeeded. */
  output?: Value | undefined;
  /** Path of the task it is at, such as "do/0/approve". */
  position?: string | undefined;
  /** Release that the run is pinned to. */
  release?: string | undefined;
  state?: RunState | undefined;
  /** User whom the run acts for. */
  subject?: string | undefined;
  workflow?: string | undefined;
};
export type Severity =
  "SEVERITY_UNSPECIFIED" | "SEVERITY_ERROR" | "SEVERITY_WARNING";
export type Problem = {
  column?: number | undefined;
  /** Component the problem is in. */
  component?: string | undefined;
  /** Position in the text of an expression or script, from 1; 0 when it is not a text. */
  line?: number | undefined;
  /** What is wrong and what to do, for the person who reads it. */
  message?: string | undefined;
  /** Where, as a path with names and ids: "dataflows/save/steps/update/params/fields/total". */
  path?: string | undefined;
  /** Stable reason for programs, lower case with dashes, such as "unknown-field". */
  reason?: string | undefined;
  severity?: Severity | undefined;
  /** Text that would mend it, if one is known. */
  suggestion?: string | undefined;
};
export type StepType = {
  dataflow?: string | undefined;
  step?: string | undefined;
  /** A kind such as "int", "text", "decimal" or "any"; "ref(customer)", "list(int)", "map(text)", or "object{id: int, `unit price`: decimal}"
    for items with known fields, whose names stand in backquotes unless they are identifiers. */
  type?: string | undefined;
};
export type CheckResult = {
  problems?: Problem[] | undefined;
  /** Revision that was checked. */
  revision?: string | undefined;
  /** What the steps of the dataflows give, for editors. A step without a known type is left out. */
  stepTypes?: StepType[] | undefined;
};
export type RenameChange = {
  after?: string | undefined;
  before?: string | undefined;
  component?: string | undefined;
  /** Where, as in problems. */
  path?: string | undefined;
};
export type RenamedComponent = {
  component?: string | undefined;
  etag?: string | undefined;
  revision?: string | undefined;
};
export type RenameMention = {
  component?: string | undefined;
  path?: string | undefined;
  /** The line that holds it, at most 200 characters. */
  text?: string | undefined;
};
export type RenameResponse = {
  /** Every text that changes. */
  changes?: RenameChange[] | undefined;
  /** The components that changed, with their new revisions; without revision and etag when only told. */
  components?: RenamedComponent[] | undefined;
  /** Texts that hold the old name and are not known to mean it, such as fields of a dataflow's input or Python sources. They are left
    alone; at most 200. */
  mentions?: RenameMention[] | undefined;
  /** There are more mentions. */
  truncated?: boolean | undefined;
};
export type RenameKind =
  | "RENAME_KIND_UNSPECIFIED"
  | "RENAME_KIND_FIELD"
  | "RENAME_KIND_PAGE"
  | "RENAME_KIND_DATAFLOW"
  | "RENAME_KIND_WORKFLOW"
  | "RENAME_KIND_SCRIPT";
export type File = {
  contentType?: string | undefined;
  createTime?: string | undefined;
  creatorSubject?: string | undefined;
  /** Path of its folder, such as "reports/2026"; empty when it is in none. */
  folder?: string | undefined;
  id?: string | undefined;
  name?: string | undefined;
  /** SHA-256 of the content, hex. */
  sha256?: string | undefined;
  /** Bytes. */
  size?: string | undefined;
};
export type ListFilesResponse = {
  files?: File[] | undefined;
  nextPageToken?: string | undefined;
};
export type Folder = {
  /** How many files are in it and below it. */
  files?: string | undefined;
  path?: string | undefined;
};
export type ListFoldersResponse = {
  /** At most 1,000. */
  folders?: Folder[] | undefined;
};
export type MoveFolderResponse = {
  files?: string | undefined;
};
export type Invitation = {
  email?: string | undefined;
  expireTime?: string | undefined;
  id?: string | undefined;
  link?: string | undefined;
  roles?: string[] | undefined;
  /** One-time token and the link that carries it, only in the answer to CreateInvitation. */
  token?: string | undefined;
};
export type ListInvitationsResponse = {
  invitations?: Invitation[] | undefined;
  nextPageToken?: string | undefined;
};
export type Grant = {
  /** Component it is limited to; empty means all. */
  component?: string | undefined;
  /** Such as "entries.read", "entries.*" or "*". */
  permission?: string | undefined;
};
export type TenantInfo = {
  displayName?: string | undefined;
  id?: string | undefined;
};
export type User = {
  createTime?: string | undefined;
  disabled?: boolean | undefined;
  displayName?: string | undefined;
  email?: string | undefined;
  etag?: string | undefined;
  id?: string | undefined;
  /** Ids of roles. */
  roles?: string[] | undefined;
};
export type Session = {
  expireTime?: string | undefined;
  /** What the caller may do. */
  grants?: Grant[] | undefined;
  /** The caller is the operator of the installation. */
  operator?: boolean | undefined;
  tenant?: TenantInfo | undefined;
  /** Every tenant that the user may switch to. */
  tenants?: TenantInfo[] | undefined;
  user?: User | undefined;
};
export type SignInResponse = {
  session?: Session | undefined;
  /** Bearer token, only if it was asked for or the call came by gRPC. */
  token?: string | undefined;
};
export type Notice = {
  /** Page of the component that shows what it is about, if any, for the entry, if any. */
  component?: string | undefined;
  createTime?: string | undefined;
  entry?: string | undefined;
  id?: string | undefined;
  page?: string | undefined;
  /** Absent until the caller has read it. */
  readTime?: string | undefined;
  /** Run that sent it. */
  run?: string | undefined;
  /** Plain text of several lines; may be empty. */
  text?: string | undefined;
  title?: string | undefined;
};
export type ListNoticesResponse = {
  nextPageToken?: string | undefined;
  notices?: Notice[] | undefined;
  /** How many the caller has not read, counted up to 100. */
  unreadCount?: number | undefined;
};
export type ReadNoticesResponse = object;
export type Preview = {
  createTime?: string | undefined;
  /** Entries that were copied. */
  entries?: string | undefined;
  /** When it goes away by itself. */
  expireTime?: string | undefined;
  /** For the header Aqtra-Preview. */
  id?: string | undefined;
};
export type PlannedComponent = {
  component?: string | undefined;
  fromRevision?: string | undefined;
  toRevision?: string | undefined;
};
export type PublicationState =
  | "PUBLICATION_STATE_UNSPECIFIED"
  | "PUBLICATION_STATE_PENDING"
  | "PUBLICATION_STATE_EXPANDING"
  | "PUBLICATION_STATE_CONTRACTING"
  | "PUBLICATION_STATE_SUCCEEDED"
  | "PUBLICATION_STATE_FAILED";
export type Publication = {
  components?: PlannedComponent[] | undefined;
  createTime?: string | undefined;
  finishTime?: string | undefined;
  id?: string | undefined;
  /** What is being done, or what went wrong, in words. */
  message?: string | undefined;
  problems?: Problem[] | undefined;
  /** Percent done, 0 to 100. */
  progress?: number | undefined;
  /** Release that it made; set from the moment it is live. */
  release?: string | undefined;
  state?: PublicationState | undefined;
  subject?: string | undefined;
};
export type ListPublicationsResponse = {
  nextPageToken?: string | undefined;
  publications?: Publication[] | undefined;
};
export type AffectedPart = {
  /** The part does not work with the change; the problems say why. */
  broken?: boolean | undefined;
  component?: string | undefined;
  /** Id of the part, of a rule of access its position; empty for settings. */
  id?: string | undefined;
  /** "page", "dataflow", "workflow", "script", "access", "trigger", "field" or "settings". */
  kind?: string | undefined;
  /** In words, such as "uses price of car, which is removed"; at most 10. */
  reasons?: string[] | undefined;
  /** Title of the part, of a rule of access its role; empty when it has none. */
  title?: string | undefined;
};
export type ApiChange = {
  /** Calls that work now may fail, or callers no longer find what they read. */
  breaking?: boolean | undefined;
  component?: string | undefined;
  /** Path of the calls that it is about, such as "/v1/components/car/entries". */
  path?: string | undefined;
  /** What differs, in words. */
  text?: string | undefined;
};
export type SchemaPhase =
  "SCHEMA_PHASE_UNSPECIFIED" | "SCHEMA_PHASE_EXPAND" | "SCHEMA_PHASE_CONTRACT";
export type SchemaChange = {
  component?: string | undefined;
  /** Lock that the statement takes on a table, in Postgres' words. */
  lock?: string | undefined;
  /** When it runs: before the new release is live, or after the last user of the old one is gone. */
  phase?: SchemaPhase | undefined;
  /** The whole table is rewritten or scanned. */
  rewrites?: boolean | undefined;
  statement?: string | undefined;
  /** Why, in words. */
  summary?: string | undefined;
};
export type DataLoss = {
  /** Name to confirm, "component" or "component.field". */
  name?: string | undefined;
  rows?: string | undefined;
};
export type PermissionChange = {
  component?: string | undefined;
  /** Less is allowed than now; neither is set when it is something else that is allowed. */
  less?: boolean | undefined;
  /** More is allowed than now. */
  more?: boolean | undefined;
  /** Empty for everyone who may use the component. */
  role?: string | undefined;
  /** In words, such as "Role clerk may now delete entries of Invoice". */
  text?: string | undefined;
};
export type ReplayOutcome =
  | "REPLAY_OUTCOME_UNSPECIFIED"
  | "REPLAY_OUTCOME_SAME"
  | "REPLAY_OUTCOME_DIFFERENT"
  | "REPLAY_OUTCOME_UNKNOWN";
export type ReplayedRun = {
  createTime?: string | undefined;
  outcome?: ReplayOutcome | undefined;
  /** Id of a run of a workflow; empty for dataflows, whose runs have none. */
  run?: string | undefined;
  /** Name of the first task or step that differs, those around it before it: "loop/book". Empty when the run only ends otherwise. */
  step?: string | undefined;
  /** What differs, or why it cannot be told, in words and without values. */
  text?: string | undefined;
};
export type Replay = {
  component?: string | undefined;
  /** The runs that differ, newest first, at most 20; then, when there are none, at most 3 that cannot be told. */
  examples?: ReplayedRun[] | undefined;
  id?: string | undefined;
  /** "workflow" or "dataflow". */
  kind?: string | undefined;
  /** Why nothing was gone through, or not everything; empty otherwise. */
  note?: string | undefined;
  /** How many runs were gone through, and how many of them go as before or cannot be told. */
  runs?: number | undefined;
  same?: number | undefined;
  title?: string | undefined;
  unknown?: number | undefined;
};
export type RuleTest = {
  component?: string | undefined;
  /** Entries that were looked at: the first 1,000, fewer when there are not so many. */
  entries?: string | undefined;
  next?: string | undefined;
  /** Why nothing was counted, such as a rule over a new field; empty when it was. */
  note?: string | undefined;
  /** How many of them the operation reaches now, and with the candidate. */
  now?: string | undefined;
  /** READ, UPDATE or DELETE. */
  operation?: Operation | undefined;
  role?: string | undefined;
};
export type PublicationPlan = {
  /** Parts that use what changes, by component; at most 500. */
  affected?: AffectedPart[] | undefined;
  /** What callers of the API will notice, such as other systems with an API key; at most 500. */
  apiChanges?: ApiChange[] | undefined;
  changes?: SchemaChange[] | undefined;
  components?: PlannedComponent[] | undefined;
  /** What would be lost, each confirmed by its name before the publication is let in. */
  losses?: DataLoss[] | undefined;
  /** Who may do more or less than now; at most 500. */
  permissionChanges?: PermissionChange[] | undefined;
  problems?: Problem[] | undefined;
  /** True when there is no error among the problems. */
  publishable?: boolean | undefined;
  /** What the latest runs of affected workflows and dataflows would do differently; at most 50 parts. */
  replays?: Replay[] | undefined;
  /** What the rules of changed components let roles do with real entries, now and then; at most 250. */
  ruleTests?: RuleTest[] | undefined;
};
export type PageKind =
  "PAGE_KIND_UNSPECIFIED" | "PAGE_KIND_PAGE" | "PAGE_KIND_MODAL";
export type PublishedPageInfo = {
  id?: string | undefined;
  kind?: PageKind | undefined;
  title?: string | undefined;
};
export type PublishedComponent = {
  description?: string | undefined;
  displayName?: string | undefined;
  hidden?: boolean | undefined;
  homePage?: string | undefined;
  id?: string | undefined;
  model?: ObjectModel | undefined;
  pages?: PublishedPageInfo[] | undefined;
};
export type ListPublishedComponentsResponse = {
  components?: PublishedComponent[] | undefined;
  /** Release that the list is from. */
  release?: string | undefined;
};
export type PublishedPage = {
  model?: ObjectModel | undefined;
  page?: Page | undefined;
  /** Changes when the page does; may be used as a cache key. */
  release?: string | undefined;
};
export type ReleaseInfo = {
  active?: boolean | undefined;
  components?: PlannedComponent[] | undefined;
  createTime?: string | undefined;
  id?: string | undefined;
};
export type ListReleasesResponse = {
  nextPageToken?: string | undefined;
  releases?: ReleaseInfo[] | undefined;
};
export type Role = {
  /** admin, developer and member come with every tenant and cannot be changed. */
  builtIn?: boolean | undefined;
  displayName?: string | undefined;
  etag?: string | undefined;
  grants?: Grant[] | undefined;
  /** Lower case letters, digits, dash and underscore; chosen at creation. */
  id?: string | undefined;
};
export type ListRolesResponse = {
  roles?: Role[] | undefined;
};
export type ListRunsResponse = {
  nextPageToken?: string | undefined;
  runs?: Run[] | undefined;
};
export type RunEvent = {
  /** Attempt, from 1. */
  attempt?: number | undefined;
  error?: RunError | undefined;
  /** Key given to the effect, the same over all attempts. */
  idempotencyKey?: string | undefined;
  /** Of task.started, the arguments of the call; of task.completed with output.as, what the call gave; of task.waiting, the question; of
    signal.received, the type of the event. */
  input?: Value | undefined;
  output?: Value | undefined;
  /** Number within the run, from 1. */
  seq?: string | undefined;
  /** Path of the task. */
  task?: string | undefined;
  time?: string | undefined;
  /** run.started, task.started, task.completed, task.failed, task.retried, timer.set, timer.fired, task.waiting, task.reminded,
    task.escalated, task.answered, signal.received, run.succeeded, run.failed, run.canceled. */
  type?: string | undefined;
};
export type ListRunEventsResponse = {
  events?: RunEvent[] | undefined;
  nextPageToken?: string | undefined;
};
export type SampleCall = {
  /** Business key of a workflow's run. */
  businessKey?: string | undefined;
  component?: string | undefined;
  /** Filter that finds the one entry of the component that the call is about; its id is given as "entry" in the input too. */
  entryFilter?: string | undefined;
  input?: Value | undefined;
  target?: string | undefined;
};
export type SampleFile = {
  contentType?: string | undefined;
  name?: string | undefined;
};
export type SampleAction = {
  /** Run a dataflow with this input. */
  runDataflow?: SampleCall | undefined;
  /** Start a workflow with this input. */
  startWorkflow?: SampleCall | undefined;
  /** Upload a file that comes with the sample; later inputs refer to it as {"$file": name}. */
  uploadFile?: SampleFile | undefined;
};
export type Sample = {
  /** What is done after publication, in order. */
  actions?: SampleAction[] | undefined;
  components?: Component[] | undefined;
  description?: string | undefined;
  id?: string | undefined;
  roles?: Role[] | undefined;
  title?: string | undefined;
};
export type ListSamplesResponse = {
  samples?: Sample[] | undefined;
};
export type InstallationState =
  | "INSTALLATION_STATE_UNSPECIFIED"
  | "INSTALLATION_STATE_RUNNING"
  | "INSTALLATION_STATE_SUCCEEDED"
  | "INSTALLATION_STATE_FAILED";
export type Installation = {
  createTime?: string | undefined;
  finishTime?: string | undefined;
  message?: string | undefined;
  /** Percent, 0 to 100. */
  progress?: number | undefined;
  sample?: string | undefined;
  state?: InstallationState | undefined;
};
export type ListSchedulesResponse = {
  schedules?: Schedule[] | undefined;
};
export type ParamKind =
  | "PARAM_KIND_UNSPECIFIED"
  | "PARAM_KIND_TEXT"
  | "PARAM_KIND_INT"
  | "PARAM_KIND_BOOL"
  | "PARAM_KIND_ENUM"
  | "PARAM_KIND_EXPRESSION"
  | "PARAM_KIND_MAPPING"
  | "PARAM_KIND_FIELD"
  | "PARAM_KIND_FIELDS"
  | "PARAM_KIND_COMPONENT"
  | "PARAM_KIND_DATAFLOW"
  | "PARAM_KIND_WORKFLOW"
  | "PARAM_KIND_SCRIPT"
  | "PARAM_KIND_PYTHON"
  | "PARAM_KIND_RESULT_FIELD"
  | "PARAM_KIND_TEXTS"
  | "PARAM_KIND_PAGE"
  | "PARAM_KIND_JSON"
  | "PARAM_KIND_ROLES"
  | "PARAM_KIND_CHOICES";
export type Param = {
  /** Value used when the setting is absent. */
  default?: Value | undefined;
  help?: string | undefined;
  kind?: ParamKind | undefined;
  name?: string | undefined;
  /** Name of another parameter that a FIELD, DATAFLOW, WORKFLOW or SCRIPT reference is resolved in, when it names a component. */
  ofComponent?: string | undefined;
  /** Choices of an ENUM. */
  options?: string[] | undefined;
  required?: boolean | undefined;
  /** Type that an EXPRESSION must have, such as "bool"; empty accepts any. */
  resultType?: string | undefined;
  title?: string | undefined;
};
export type Spec = {
  /** Group of the palette, such as "Output". */
  group?: string | undefined;
  maxSources?: number | undefined;
  /** Fewest and most source steps; max_sources 0 marks a step that starts a graph. */
  minSources?: number | undefined;
  /** Settings, in the order of the property panel. */
  params?: Param[] | undefined;
  /** What it does, one or two sentences. */
  summary?: string | undefined;
  title?: string | undefined;
  /** Stable name, such as "update-entry". */
  type?: string | undefined;
};
export type DataflowDescribeResponse = {
  specs?: Spec[] | undefined;
};
export type WorkflowDescribeResponse = {
  specs?: Spec[] | undefined;
};
export type Choice = {
  label?: string | undefined;
  value?: Value | undefined;
};
export type TaskState =
  | "TASK_STATE_UNSPECIFIED"
  | "TASK_STATE_OPEN"
  | "TASK_STATE_ANSWERED"
  | "TASK_STATE_CANCELED";
export type Task = {
  /** Answer given, and by whom. */
  answer?: Value | undefined;
  answerSubject?: string | undefined;
  answerTime?: string | undefined;
  /** Id and name of the user who has claimed it, or to whom it was handed. */
  assignee?: string | undefined;
  assigneeName?: string | undefined;
  choices?: Choice[] | undefined;
  comment?: string | undefined;
  component?: string | undefined;
  createTime?: string | undefined;
  /** Data that the question shows. */
  data?: Value | undefined;
  description?: string | undefined;
  dueTime?: string | undefined;
  entry?: string | undefined;
  /** When others were asked as well. */
  escalateTime?: string | undefined;
  id?: string | undefined;
  /** Page of the component that shows the entry beside the question, if the workflow names one. */
  page?: string | undefined;
  /** When those who may answer were reminded last. */
  remindTime?: string | undefined;
  roles?: string[] | undefined;
  run?: string | undefined;
  state?: TaskState | undefined;
  title?: string | undefined;
  /** Who may answer: these users, or everyone with one of these roles. */
  users?: string[] | undefined;
  workflow?: string | undefined;
};
export type ListTasksResponse = {
  nextPageToken?: string | undefined;
  tasks?: Task[] | undefined;
};
export type Upload = {
  contentType?: string | undefined;
  expireTime?: string | undefined;
  id?: string | undefined;
  name?: string | undefined;
  /** Bytes of each part but the last, which has what is left. */
  partSize?: string | undefined;
  received?: string | undefined;
  /** Bytes of the whole file, and how many of them have arrived. */
  size?: string | undefined;
};
export type ListUsersResponse = {
  nextPageToken?: string | undefined;
  users?: User[] | undefined;
};
export type PasswordLink = {
  expireTime?: string | undefined;
  link?: string | undefined;
  token?: string | undefined;
};
