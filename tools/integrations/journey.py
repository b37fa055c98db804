"""A journey through every operation, in an order in which each finds what it needs."""

import base64
import time
from collections.abc import Callable
from typing import Any

from api import Api

PASSWORD = "correct horse battery"
PATIENCE = 60
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPwCLiBFTEMLQkAztVcARDn9E8AAAAASUVORK5CYII="
INVOICE = {"InvoiceName": "Desks", "InvoiceDueDate": "2027-01-01T00:00:00Z", "InvoiceTotalValue": "2500.50", "InvoiceState": 0}
FIELDS = [
    {"name": "Name", "title": "Name", "type": "FIELD_TYPE_STRING", "required": True, "primaryKey": True, "query": True, "isName": True},
    {"name": "Count", "title": "Count", "type": "FIELD_TYPE_INTEGER", "query": True},
]


def workflow(name: str, *tasks: dict) -> dict:
    """A workflow of these tasks."""
    return {"id": name, "title": name, "document": {
        "document": {"dsl": "1.0.3", "namespace": "draft", "name": name, "version": "1.0.0"},
        "evaluate": {"language": "cel"}, "do": list(tasks),
    }}


WAITING = workflow("waiting", {"rest": {"wait": {"hours": 1}}})
WAITING["document"]["schedule"] = {"every": "PT24H"}
FAILING = workflow("failing", {"stop": {"raise": {"error": {"type": "https://example.com/errors/stop", "status": 400, "title": "Stop"}}}})


class Journey:
    """What was made on the way is kept, for those who look for more."""

    def __init__(self, api: Api, setup_token: str) -> None:
        self.api, self.setup_token = api, setup_token
        self.session = self.key = ""
        self.tenant = self.admin = ""

    def call(self, operation: str, path: dict | None = None, **more: Any) -> Any:
        """Call with the administrator's API key."""
        return self.api.call(operation, self.key, path, **more)

    def make_key(self, name: str) -> dict:
        """Make an API key; only a session may."""
        return self.api.call("Users_CreateApiKey", self.session, body={"displayName": name})

    def until(self, read: Callable[[], dict], *ends: str) -> dict:
        """Read something until its state is one of these."""
        end = time.monotonic() + PATIENCE
        while (now := read()).get("state") not in ends:
            if time.monotonic() > end:
                raise AssertionError(f"it is still {now}")
            time.sleep(0.2)
        return now

    def steps(self) -> list[Callable[[], None]]:
        """The parts of the journey. A part that fails spoils only those that need what it makes."""
        return [self.accounts, self.samples, self.people, self.roles, self.keys, self.components, self.publications, self.entries,
                self.batches, self.files, self.engines, self.runs, self.tasks, self.published]

    def accounts(self) -> None:
        setup = self.api.call("Accounts_CompleteSetup", None, body={
            "token": self.setup_token, "tenantName": "Main", "email": "admin@example.com", "password": PASSWORD, "displayName": "Ada",
            "returnToken": True})
        self.session = setup["token"]
        self.tenant, self.admin = setup["session"]["tenant"]["id"], setup["session"]["user"]["id"]
        self.key = self.make_key("integrations")["key"]
        self.api.call("Accounts_SignUp", None, body={
            "tenantName": "Other", "email": "other@example.com", "password": PASSWORD, "displayName": "Bob", "returnToken": True})
        second = self.api.call("Accounts_SignIn", None, body={"email": "admin@example.com", "password": PASSWORD, "returnToken": True})["token"]
        self.api.call("Accounts_GetCurrentSession", self.key)
        self.api.call("Accounts_SwitchTenant", second, body={"tenant": self.tenant})
        self.api.call("Accounts_SignOut", second)

    def member(self, name: str) -> dict:
        """Invite a person, let them join, and return their session."""
        invitation = self.call("Users_CreateInvitation", body={"email": name + "@example.com", "roles": ["member"]})
        return self.api.call("Accounts_AcceptInvitation", None, body={
            "token": invitation["token"], "password": PASSWORD, "displayName": name, "returnToken": True})

    def people(self) -> None:
        invitation = self.call("Users_CreateInvitation", body={"email": "late@example.com", "roles": ["member"]})
        self.call("Users_ListInvitations", query={"pageSize": 10})
        self.call("Users_DeleteInvitation", {"invitation": invitation["id"]})
        carol = self.member("carol")
        user = carol["session"]["user"]["id"]
        self.call("Users_ListUsers")
        self.call("Users_GetUser", {"user": user})
        self.call("Users_UpdateUser", {"user": user}, query={"updateMask": "display_name"}, body={"displayName": "Carol"})
        self.api.call("Accounts_ChangePassword", carol["token"], body={"currentPassword": PASSWORD, "newPassword": PASSWORD + " 2"})
        link = self.call("Users_CreatePasswordLink", {"user": user}, body={})
        self.api.call("Accounts_ResetPassword", None, body={"token": link["token"], "password": PASSWORD + " 3"})
        self.call("Users_RemoveUser", {"user": user})

    def roles(self) -> None:
        role = {"id": "clerk", "displayName": "Clerk", "grants": [{"permission": "entries.read", "component": "invoice"}]}
        self.call("Users_CreateRole", body=role)
        self.call("Users_ListRoles")
        self.call("Users_UpdateRole", {"role": "clerk"}, query={"updateMask": "display_name"}, body={"displayName": "Reader"})
        self.call("Users_DeleteRole", {"role": "clerk"})
        self.call("Audit_ListAuditRecords", query={"pageSize": 10})
        self.call("Audit_VerifyAudit", body={})

    def keys(self) -> None:
        key = self.make_key("short")
        self.call("Users_ListApiKeys")
        self.call("Users_DeleteApiKey", {"api_key": key["id"]})

    def samples(self) -> None:
        for sample in self.call("Samples_ListSamples")["samples"]:
            name = {"sample": sample["id"]}
            self.call("Samples_GetSample", name)
            self.call("Samples_InstallSample", name, body={})
            done = self.until(lambda name=name: self.call("Samples_GetInstallation", name),
                              "INSTALLATION_STATE_SUCCEEDED", "INSTALLATION_STATE_FAILED")
            if done["state"] != "INSTALLATION_STATE_SUCCEEDED":
                raise AssertionError(f"installation of {sample['id']}: {done}")

    def components(self) -> None:
        draft = {"component": "draft"}
        made = self.call("Components_CreateComponent", body={
            "id": "draft", "displayName": "Draft", "model": {"fields": FIELDS}, "workflows": [WAITING, FAILING]})
        self.call("Components_ListComponents")
        page = {"id": "main", "title": "Main", "document": {"root": "page", "nodes": {
            "page": {"type": "page", "name": "page", "props": {"title": "Main"}, "slots": {}}}}}
        made = self.call("Components_SavePart", draft, body={"etag": made["etag"], "page": page})
        made = self.call("Components_DeletePart", draft, body={"etag": made["etag"], "kind": "PART_KIND_PAGE", "id": "main"})
        made = self.call("Components_UpdateComponent", draft, query={"updateMask": "description"},
                         body={"description": "For trying things.", "etag": made["etag"]})
        self.call("Components_GetComponent", draft)
        self.call("Components_CheckComponent", draft, body={})
        moved = self.call("Components_CreateComponent", body={"id": "moved", "displayName": "Moved"})
        self.call("Components_Move", draft, body={
            "kind": "RENAME_KIND_WORKFLOW", "target": "failing", "to": "moved", "etag": made["etag"], "validateOnly": True})
        self.call("Components_DeleteComponent", {"component": moved["id"]})
        self.call("Components_ListRoleReferences", {"role": "accountant"})
        self.call("Components_ListReferences", draft)
        self.call("Components_ListRevisions", draft)
        self.call("Components_DiffRevisions", draft, query={"from": 1})
        self.call("Components_RestoreRevision", {"component": "draft", "revision": "1"}, body={"etag": made["etag"]})
        self.call("Components_CreateComponent", body={"id": "spare", "displayName": "Spare"})
        self.call("Components_DeleteComponent", {"component": "spare"})

    def publications(self) -> None:
        self.call("Publications_PlanPublication", body={})
        self.call("Previews_DeletePreview", {"preview": self.preview()})
        name = {"publication": self.call("Publications_CreatePublication", body={})["id"]}
        done = self.until(lambda: self.call("Publications_GetPublication", name), "PUBLICATION_STATE_SUCCEEDED", "PUBLICATION_STATE_FAILED")
        if done["state"] != "PUBLICATION_STATE_SUCCEEDED":
            raise AssertionError(f"publication: {done}")
        self.call("Publications_WatchPublication", name)
        self.call("Publications_ListPublications")
        self.call("Publications_ListReleases")

    def preview(self) -> str:
        """Make a preview of the drafts."""
        return self.call("Previews_CreatePreview", body={})["id"]

    def entries(self) -> None:
        self.call("Entries_ListEntries", {"component": "invoice"}, query={
            "filter": "InvoiceTotalValue > 100 && InvoiceState == 0", "orderBy": "InvoiceDueDate desc", "pageSize": 5, "count": True})
        entry = self.entry("INV-JOURNEY-1")
        one = {"component": "invoice", "entry": entry["id"]}
        self.call("Entries_GetEntry", one)
        self.call("Entries_AggregateEntries", {"component": "invoice"}, body={"groupBy": [{"field": "InvoiceState"}]})
        self.call("Entries_UpdateEntry", one, body={"fields": {"InvoiceState": 1}, "etag": entry["etag"]})
        self.call("Entries_ListEntryChanges", one)
        self.call("Holds_GetHold", one)
        self.call("Holds_ReleaseEntry", one, body={})
        self.call("Entries_VerifyEntryHistory", body={})
        self.call("Entries_DeleteEntry", one)
        self.call("Entries_RestoreEntry", one, body={})

    def entry(self, number: str) -> dict:
        """Make an invoice."""
        return self.call("Entries_CreateEntry", {"component": "invoice"}, body={"fields": INVOICE | {"InvoiceNumber": number}})

    def batches(self) -> None:
        entry = self.entry("INV-JOURNEY-2")
        self.call("Entries_BatchWriteEntries", {"component": "invoice"}, body={"operations": [
            {"action": "WRITE_ACTION_UPSERT", "entry": {"fields": INVOICE | {"InvoiceNumber": "INV-JOURNEY-3"}}},
            {"action": "WRITE_ACTION_DELETE", "entry": {"id": entry["id"]}}]})
        self.call("Entries_PurgeEntries", {"component": "invoice"}, body={})

    def files(self) -> None:
        file = self.upload()
        self.call("Files_ListFiles")
        self.call("Files_GetFile", {"file": file})
        content = self.call("Files_DownloadFile", {"file": file})
        if content != b"some words":
            raise AssertionError(f"the file is {content!r}")
        self.call("Files_DeleteFile", {"file": file})

    def upload(self) -> str:
        """Upload a file and return its id."""
        large = self.call("Files_CreateUpload", body={"name": "parts.txt", "contentType": "text/plain", "size": 9})
        name = {"upload": large["id"]}
        self.call("Files_UploadPart", name, query={"offset": 0}, body=b"nine here", media_type="text/plain")
        self.call("Files_GetUpload", name)
        self.call("Files_FinishUpload", name, body={})
        self.call("Files_DeleteUpload", {"upload": self.begin_upload()})
        picture = self.call("Files_UploadFile", query={"name": "pixel.png"}, body=base64.b64decode(PIXEL), media_type="image/png")["id"]
        self.call("Files_GetThumbnail", {"file": picture}, query={"size": 64})
        self.call("Files_UpdateFile", {"file": picture}, body={"name": "dot.png", "folder": "pictures/small"})
        self.call("Files_ListFolders", query={"parent": "pictures"})
        self.call("Files_MoveFolder", body={"from": "pictures", "to": "images"})
        return self.call("Files_UploadFile", query={"name": "words.txt"}, body=b"some words", media_type="text/plain")["id"]

    def begin_upload(self) -> str:
        """Begin an upload in parts and return its id."""
        return self.call("Files_CreateUpload", body={"name": "spare.txt", "size": 1})["id"]

    def engines(self) -> None:
        self.call("Catalog_ListStepTypes")
        self.call("Catalog_ListTaskTypes")
        self.call("Dataflows_RunDataflow", {"component": "invoice", "dataflow": "save"}, body={
            "input": INVOICE | {"InvoiceNumber": "INV-JOURNEY-4"}, "requestId": "journey-4"})
        self.call("Scripts_RunScript", {"component": "invoice", "script": "due_summary"}, body={"input": {"due": "2027-01-01T00:00:00Z"}})
        self.call("Dataflows_TestDataflow", {"component": "invoice", "dataflow": "save"}, body={"input": INVOICE | {"InvoiceNumber": "INV-TRIED"}})
        self.call("Scripts_TestScript", {"component": "invoice", "script": "due_summary"}, body={"input": {"due": "2027-01-01T00:00:00Z"}})

    def start(self, name: str) -> str:
        """Start a workflow of the draft and return the run's id."""
        return self.call("Runs_StartRun", {"component": "draft", "workflow": name}, body={"businessKey": name})["id"]

    def runs(self) -> None:
        waiting, failing = {"run": self.start("waiting")}, {"run": self.start("failing")}
        self.call("Runs_ListRuns", query={"component": "draft", "state": "RUN_STATE_WAITING"})
        self.until(lambda: self.call("Runs_GetRun", waiting), "RUN_STATE_WAITING")
        self.call("Runs_SignalRun", waiting, body={"type": "com.example.hello", "data": {"words": "hello"}})
        self.call("Runs_ListRunEvents", waiting)
        self.call("Runs_CancelRun", waiting, body={"reason": "enough"})
        self.until(lambda: self.call("Runs_GetRun", failing), "RUN_STATE_FAILED")
        self.call("Runs_RetryRun", failing, body={})
        self.call("Schedules_ListSchedules")
        clock = {"component": "draft", "workflow": "waiting"}
        self.call("Schedules_PauseSchedule", clock, body={})
        self.call("Schedules_ResumeSchedule", clock, body={})

    def tasks(self) -> None:
        """The sample's approval waits for an answer."""
        task = self.call("Tasks_ListTasks", query={"state": "TASK_STATE_OPEN"})["tasks"][0]["id"]
        self.call("Tasks_GetTask", {"task": task})
        self.call("Tasks_ClaimTask", {"task": task}, body={})
        self.call("Tasks_ReleaseTask", {"task": task}, body={})
        self.call("Tasks_DelegateTask", {"task": task}, body={"user": "admin@example.com"})
        self.call("Tasks_AnswerTask", {"task": task}, body={"answer": 1, "comment": "Fine."})
        self.call("Notices_ListNotices", query={"unread": "true"})
        self.call("Notices_ReadNotices", body={"all": True})

    def published(self) -> None:
        self.call("Published_ListPublishedComponents")
        self.call("Published_GetPublishedPage", {"component": "invoice", "page": "all_invoices"})

    def spare(self) -> dict[str, dict[str, str]]:
        """Objects that nobody needs, as path parameters of operations that begin with a name. The longest name counts."""
        number = "INV-SPARE"
        waiting = self.start("waiting")
        task = self.call("Tasks_ListTasks", query={"state": "TASK_STATE_ANSWERED"})["tasks"][0]["id"]
        publication = self.call("Publications_ListPublications")["publications"][0]["id"]
        self.call("Components_CreateComponent", body={"id": "scratch", "displayName": "Scratch", "model": {"fields": FIELDS}})
        self.call("Users_CreateRole", body={"id": "nobody", "displayName": "Nobody"})
        return {
            "Components_": {"component": "scratch", "revision": "1", "role": "nobody"},
            "Publications_": {"publication": publication},
            "Previews_": {"preview": self.preview()},
            "Published_": {"component": "invoice", "page": "all_invoices"},
            "Entries_": {"component": "invoice", "entry": self.entry(number)["id"]},
            "Holds_": {"component": "invoice", "entry": self.entry("INV-HELD")["id"]},
            "Files_": {"file": self.upload(), "upload": self.begin_upload()},
            "Dataflows_": {"component": "invoice", "dataflow": "save"},
            "Scripts_": {"component": "invoice", "script": "due_summary"},
            "Runs_": {"run": waiting},
            "Runs_StartRun": {"component": "draft", "workflow": "waiting"},
            "Schedules_": {"component": "draft", "workflow": "waiting"},
            "Tasks_": {"task": task},
            "Samples_": {"sample": "invoice"},
            "Users_": {
                "user": self.member("dave")["session"]["user"]["id"], "role": "nobody",
                "api_key": self.make_key("spare")["id"],
                "invitation": self.call("Users_CreateInvitation", body={"email": "eve@example.com", "roles": ["member"]})["id"],
            },
        }
