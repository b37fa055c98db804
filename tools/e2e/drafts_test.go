package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A draft is tried as it is saved, and nothing of it stays.
func TestDrafts(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada := invoices(t, s)
		before := ada.count(t, "invoice", "")
		etag := func() string { return text(t, ada.get(t, "/v1/components/invoice"), "etag") }
		step := func(id, kind string, params object, sources ...string) object {
			return object{"id": id, "type": kind, "sources": sources, "params": params}
		}
		fields := object{"InvoiceNumber": "item.InvoiceNumber", "InvoiceName": "item.InvoiceName", "InvoiceTotalValue": "item.InvoiceTotalValue * 2"}
		ada.savePart(t, "invoice", etag(), "dataflow", object{"id": "draft", "title": "Draft", "steps": list{
			step("read", "get-action-model", object{}),
			step("store", "update-entry", object{"component": "invoice", "mode": "create", "fields": fields, "resultField": "saved"}, "read"),
			step("python", "execute-script", object{"source": scriptThatStores}, "store"),
			step("approve", "execute-workflow", object{"workflow": "approval", "resultField": "run"}, "python"),
			step("answer", "write-response", object{}, "approve"),
		}})
		input := object{"InvoiceNumber": "T-1", "InvoiceName": "Tried", "InvoiceTotalValue": "10.5"}
		ada.run(t, "invoice", "draft", input).refused(404, "DATAFLOW_NOT_FOUND") // it is not published

		tested := ada.call(t, "POST", "/v1/components/invoice/dataflows/draft:test", object{"input": input}).ok()
		steps := items(t, tested, "steps")
		require.Len(t, steps, 5)
		require.Equal(t, "T-1", at(t, steps[0], "items", 0, "InvoiceNumber"))
		require.NotEmpty(t, at(t, steps[1], "items", 0, "saved"))
		require.Equal(t, "T-2", at(t, steps[2], "items", 0, "also"))
		require.Contains(t, at(t, steps[3], "skipped", 0), "was not started")
		for _, one := range steps {
			require.Empty(t, at(t, one, "error"))
		}
		require.Equal(t, "T-1", at(t, tested, "output", "InvoiceNumber"))
		require.Equal(t, before, ada.count(t, "invoice", ""), "nothing was stored")
		require.Empty(t, ada.get(t, "/v1/tasks")["tasks"])

		input["InvoiceTotalValue"] = "-1"
		failed := items(t, ada.call(t, "POST", "/v1/components/invoice/dataflows/draft:test", object{"input": input}).ok(), "steps")
		require.NotEmpty(t, at(t, failed[len(failed)-1], "error"))
		require.Less(t, len(failed), 3, "the failed step is the last")

		checked := ada.call(t, "POST", "/v1/components/invoice:check", object{}).ok()
		types := map[string]string{}
		for _, one := range items(t, checked, "stepTypes") {
			types[text(t, one, "dataflow")+"/"+text(t, one, "step")] = text(t, one, "type")
		}
		require.Contains(t, types["draft/store"], "InvoiceTotalValue: decimal")

		ada.savePart(t, "invoice", etag(), "script", object{"id": "double", "title": "Double", "source": "def main(item):\n  print('hello')\n  return item * 2\n"})
		script := ada.call(t, "POST", "/v1/components/invoice/scripts/double:test", object{"input": 21}).ok()
		require.EqualValues(t, 42, wholeNumber(t, script["output"]))
		require.Equal(t, "hello", at(t, script, "logs", 0, "text"))

		member := ada.invite(t, "accountant")
		require.Equal(t, 403, member.call(t, "POST", "/v1/components/invoice/dataflows/draft:test", object{"input": input}).refusal().Code)
		ada.savePart(t, "invoice", etag(), "dataflow", object{"id": "draft", "title": "Draft", "steps": list{step("read", "get-action-mode", object{})}})
		broken := ada.call(t, "POST", "/v1/components/invoice/dataflows/draft:test", object{"input": input}).refused(400, "DATAFLOW_INVALID")
		require.Contains(t, broken.fields(), "dataflows/draft/steps/read/type")
	})
}

const scriptThatStores = `
import aqtra

def main(item):
    made = aqtra.call("entries.create", component="invoice", fields={"InvoiceNumber": "T-2", "InvoiceName": "By a script", "InvoiceTotalValue": 1})
    return {"also": made["InvoiceNumber"]}
`
