package dataflow_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func sampleFile(t *testing.T, path ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"..", "gateway", "internal", "samples", "data"}, path...)...))
	require.NoError(t, err)
	return content
}

func TestInvoiceSample(t *testing.T) {
	t.Parallel()
	w := start(t, nil, readSample(t, "invoice")...)
	w.files.put("f1", "invoices.csv", "text/csv", sampleFile(t, "invoice", "invoices.csv"))

	out, resp, err := w.run(admin(), "invoice", "import", map[string]any{"file": "f1"})
	require.NoError(t, err)
	counts := out.(map[string]any)
	rows := resp.GetSteps()[1].GetRowsOut()
	require.Greater(t, rows, int64(9))
	require.Equal(t, rows, counts["created"])
	require.Equal(t, int64(0), counts["failed"])
	out, _, err = w.run(admin(), "invoice", "import", map[string]any{"file": value.File("f1")})
	require.NoError(t, err)
	require.Equal(t, rows, out.(map[string]any)["unchanged"], "the same file again changes nothing")

	invoice := map[string]any{"InvoiceNumber": "N-1", "InvoiceName": "Chairs", "InvoiceTotalValue": "12.50", "InvoiceState": int64(0)}
	out, _, err = w.run(admin(), "invoice", "save", invoice)
	require.NoError(t, err)
	id, _ := out.(map[string]any)["saved"].(value.Ref)
	require.NotEmpty(t, id)
	require.Equal(t, "u1", w.storage.subject, "storage is asked as the caller")

	// Again: the number is taken. As the same entry: it is changed.
	_, _, err = w.run(admin(), "invoice", "save", invoice)
	f := requireFault(t, err, faultv1.Reason_REASON_ENTRY_EXISTS)
	require.Equal(t, fault.KindAlreadyExists, f.Kind)
	require.Equal(t, "store", f.Meta["step"])
	require.Contains(t, f.Message, `step "store" (update-entry)`)
	invoice["InvoiceName"] = "Office chairs"
	out, _, err = w.run(admin(), "invoice", "save", invoice, func(r *dataflowv1.RunDataflowRequest) { r.Entry = string(id) })
	require.NoError(t, err)
	require.Equal(t, id, out.(map[string]any)["saved"])
	stored, err := w.storage.entries.Get(t.Context(), "invoice", string(id))
	require.NoError(t, err)
	require.Equal(t, "Office chairs", stored.Fields["InvoiceName"])

	_, _, err = w.run(admin(), "invoice", "save", map[string]any{"InvoiceNumber": "N", "InvoiceTotalValue": "-1", "InvoiceStat": int64(1)})
	f = requireFault(t, err, faultv1.Reason_REASON_INPUT_INVALID)
	var fields []string
	for _, v := range f.Violations {
		fields = append(fields, v.Field)
	}
	require.Equal(t, []string{"input.InvoiceNumber", "input.InvoiceName", "input.InvoiceTotalValue", "input.InvoiceStat"}, fields)
	w.sameAgain()
}

// TestRepeatedRequest: a request that is sent again with its id stores nothing again.
func TestRepeatedRequest(t *testing.T) {
	t.Parallel()
	w := start(t, nil, readSample(t, "invoice")...)
	invoice := map[string]any{"InvoiceNumber": "N-1", "InvoiceName": "Chairs"}
	var ids []any
	for range 2 {
		out, _, err := w.run(admin(), "invoice", "save", invoice, func(r *dataflowv1.RunDataflowRequest) { r.RequestId = "once" })
		require.NoError(t, err)
		ids = append(ids, out.(map[string]any)["saved"])
	}
	require.Equal(t, ids[0], ids[1])
	_, _, err := w.run(admin(), "invoice", "save", invoice, func(r *dataflowv1.RunDataflowRequest) { r.RequestId = "twice" })
	requireFault(t, err, faultv1.Reason_REASON_ENTRY_EXISTS)
	w.sameAgain()
}

func TestDealershipSample(t *testing.T) {
	t.Parallel()
	w := start(t, nil, readSample(t, "dealership")...)
	for _, name := range []string{"Mara Lindt", "Jonas Becker"} {
		_, _, err := w.run(admin(), "transaction_specialists", "save", map[string]any{"manager_name": name})
		require.NoError(t, err)
	}
	w.files.put("cars", "cars.json", "application/json", sampleFile(t, "dealership", "cars.json"))
	before := w.storage.count("batch")
	out, resp, err := w.run(admin(), "car_fleet", "import_cars", map[string]any{"file": "cars"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"created": int64(406), "updated": int64(0), "unchanged": int64(0), "deleted": int64(0), "failed": int64(0), "errors": []any{},
	}, out)
	require.Equal(t, 1, w.storage.count("batch")-before, "406 rows are one write")
	require.Equal(t, int64(406), resp.GetSteps()[1].GetRowsIn())
	require.Equal(t, 1, w.library.reads, "a release is read once")

	clerk := user([]string{"fleet_clerk"}, "entries.*", "dataflows.run")
	out, _, err = w.run(clerk, "car_fleet", "appoint_manager", map[string]any{"car_vin": "VIN000001", "manager_name": "  Mara   Lindt "})
	require.NoError(t, err)
	answer := out.(map[string]any)
	require.Equal(t, "Mara Lindt", answer["manager_name"])
	car, err := w.storage.entries.Get(t.Context(), "car_fleet", string(answer["saved"].(value.Ref)))
	require.NoError(t, err)
	require.Equal(t, "VIN000001", car.Fields["car_vin"])
	require.Equal(t, "Chevrolet", car.Fields["brand"])
	require.Equal(t, int64(1970), car.Fields["year_of_manufacture"])
	require.True(t, value.Equal(value.MustDecimal("11388"), car.Fields["price"]))
	require.Equal(t, true, car.Fields["is_manager_exists"])
	require.Equal(t, answer["manager"], car.Fields["choosen_manager"])

	// A name that nobody has and no name at all are the scripts' errors.
	_, _, err = w.run(clerk, "car_fleet", "appoint_manager", map[string]any{"car_vin": "VIN000002", "manager_name": "Nobody"})
	f := requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
	require.Equal(t, `step "known" (execute-script): ValueError: there is no manager Nobody`, f.Message)
	_, _, err = w.run(clerk, "car_fleet", "appoint_manager", map[string]any{"car_vin": "VIN000002", "manager_name": " "})
	f = requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
	require.Equal(t, `step "clean" (execute-script): ValueError: choose a manager`, f.Message)
	require.Equal(t, "7", f.Meta["script_line"])
	_, _, err = w.run(clerk, "car_fleet", "appoint_manager", map[string]any{"car_vin": "VIN999999", "manager_name": "Mara Lindt"})
	requireFault(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)

	_, resp, err = w.run(admin(), "car_fleet", "enter_contract", map[string]any{"car_vin": "VIN000001"})
	require.NoError(t, err)
	require.Len(t, resp.GetActions(), 1)
	require.Equal(t, "open-component", resp.GetActions()[0].GetType())
	require.Equal(t, "managers_grid", resp.GetActions()[0].GetParams()["component"].GetText())
	require.NotNil(t, resp.GetOutput().GetKind(), "the output is null, not absent")

	out, _, err = w.run(admin(), "car_fleet", "add_car", map[string]any{"car_vin": "VINNEW", "brand": "Fiat", "price": "1"})
	require.NoError(t, err)
	require.NotEmpty(t, out.(map[string]any)["saved"])
	w.sameAgain()
}

func TestSamplesAreCorrect(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	for _, name := range []string{"invoice", "dealership"} {
		components := readSample(t, name)
		for _, c := range components {
			for _, flow := range c.GetDataflows() {
				resp, err := w.checks.CheckDataflow(w.as(principal.Principal{Tenant: "t1", Subject: "u1"}),
					&dataflowv1.CheckDataflowRequest{Component: c, Dataflow: flow.GetId(), Others: components})
				require.NoError(t, err)
				require.Empty(t, resp.GetProblems(), "%s/%s", c.GetId(), flow.GetId())
				require.Len(t, resp.GetOutputTypes(), len(flow.GetSteps()))
			}
		}
	}
}
