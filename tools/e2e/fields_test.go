package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// machine is a component with every type of field and every flag.
func machine() object {
	f := func(name, kind string, more object) object {
		out := object{"name": name, "title": name, "type": "FIELD_TYPE_" + kind}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	return object{"id": "machine", "displayName": "Machine", "model": object{"fields": list{
		f("code", "STRING", object{"required": true, "primaryKey": true, "query": true, "isTitle": true,
			"string": object{"minLength": 2, "maxLength": 8, "pattern": "[A-Z]+-[0-9]+"}}),
		f("label", "STRING", object{"required": true, "isName": true, "query": true, "searchable": true}),
		f("amount", "INTEGER", object{"query": true, "integer": object{"min": "-10", "max": "9007199254740993"}}),
		f("level", "INTEGER", object{"integer": object{"options": list{object{"value": "0", "label": "Low"}, object{"value": "5", "label": "High"}}}}),
		f("price", "NUMBER", object{"query": true, "number": object{"min": "0", "max": "99999999999999999999.99", "precision": 2}}),
		f("exact", "NUMBER", object{}),
		f("active", "BOOLEAN", object{"query": true}),
		f("built", "DATE", object{"query": true}),
		f("starts", "TIME", object{}),
		f("seen", "DATETIME", object{"query": true}),
		f("manual", "URI", object{}),
		f("picture", "FILE", object{"file": object{"acceptedTypes": list{"text/*"}, "maxBytes": "10"}}),
		f("maker", "CATALOG", object{"query": true, "catalog": object{"component": "maker"}}),
		f("parts", "ARRAY", object{"array": object{"component": "maker"}}),
		f("secret", "STRING", object{"sensitive": true}),
		f("typed", "STRING", object{"isVirtual": true}),
	}}}
}

func machines(t *testing.T, s *site) (u *user, makers []string) {
	t.Helper()
	u = s.signUp(t)
	u.buildComponent(t, object{"id": "maker", "displayName": "Maker", "model": object{"fields": list{
		object{"name": "name_of", "title": "Name", "type": "FIELD_TYPE_STRING", "required": true, "primaryKey": true, "isName": true, "query": true}}}})
	u.buildComponent(t, machine())
	require.Empty(t, u.check(t, "machine"))
	u.publish(t)
	for _, name := range []string{"Ada", "Ben", "Cid"} {
		makers = append(makers, text(t, u.create(t, "maker", object{"name_of": name}), "id"))
	}
	return u, makers
}

func TestFieldsKeepTheirValues(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u, makers := machines(t, s)
		file := u.upload(t, "a.txt", "text/plain", []byte("short"))
		given := object{
			"code": "AB-1", "label": "Größe 😀 <b>", "amount": "9007199254740993", "level": 5, "price": "12345678901234567890.12",
			"exact": "0.000000000000000001", "active": false, "built": "2026-02-28", "starts": "23:59:59.5", "seen": "2026-01-31T13:05:00.123456Z",
			"manual": "https://example.com/a?b=c", "picture": file, "maker": makers[0], "parts": list{makers[2], makers[1]}, "secret": "shh",
			"typed": "not kept",
		}
		made := u.create(t, "machine", given)
		delete(given, "typed")
		given["level"] = 5.0
		path := entriesPath("machine") + "/" + text(t, made, "id")
		require.Equal(t, given, u.get(t, path)["fields"])

		entries := storagev1.NewEntriesClient(u.GRPC())
		e, err := entries.GetEntry(t.Context(), &storagev1.GetEntryRequest{Component: "machine", Entry: text(t, made, "id")})
		require.NoError(t, err)
		got := e.GetFields()
		require.EqualValues(t, 9007199254740993, got["amount"].GetInt())
		require.Equal(t, "12345678901234567890.12", got["price"].GetDecimal())
		require.Equal(t, "0.000000000000000001", got["exact"].GetDecimal())
		require.Equal(t, "2026-02-28", got["built"].GetDate())
		require.Equal(t, "23:59:59.5", got["starts"].GetTime())
		require.Equal(t, int32(123456000), got["seen"].GetDatetime().GetNanos())
		require.Equal(t, file, got["picture"].GetFile())
		require.Equal(t, makers[0], got["maker"].GetReference())
		require.Equal(t, makers[1], got["parts"].GetList().GetItems()[1].GetReference())
		require.IsType(t, &typev1.Value_Bool{}, got["active"].GetKind())

		copied := map[string]*typev1.Value{}
		for name, v := range got {
			copied[name] = v
		}
		copied["code"] = &typev1.Value{Kind: &typev1.Value_Text{Text: "AB-2"}}
		second, err := entries.CreateEntry(t.Context(), &storagev1.CreateEntryRequest{Component: "machine", Entry: &storagev1.Entry{Fields: copied}})
		require.NoError(t, err)
		for name, v := range copied {
			require.True(t, proto.Equal(v, second.GetFields()[name]), "%s: %v and %v", name, v, second.GetFields()[name])
		}

		emptied := u.call(t, "PATCH", path, object{"fields": object{"amount": nil, "active": nil, "parts": list{}, "maker": nil}}).ok()
		require.Nil(t, at(t, emptied, "fields", "amount"))
		require.Contains(t, emptied["fields"], "amount", "null is not absent")
		require.Empty(t, items(t, emptied, "fields", "parts"))
		require.Equal(t, 1, u.count(t, "machine", "amount == null && code == 'AB-1'"))
		require.Equal(t, 1, u.count(t, "machine", "amount == 9007199254740993 && built < date('2026-03-01') && seen > datetime('2026-01-31T13:05:00Z')"))
		require.Equal(t, 1, u.count(t, "machine", "maker.name_of == 'Ada'"))
		u.call(t, "GET", entriesPath("machine")+query("filter", "secret == 'shh'"), nil).refusal()
		u.call(t, "DELETE", entriesPath("maker")+"/"+makers[0], nil).ok()
		purged := u.call(t, "POST", entriesPath("maker")+":purge", object{}).ok()
		require.Equal(t, []any{"0", "1"}, []any{purged["purged"], purged["kept"]}, "AB-2 still refers to it")
		u.call(t, "POST", entriesPath("maker")+"/"+makers[0]+":restore", object{}).ok()
	})
}

func TestFieldRules(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u, makers := machines(t, s)
		long, kind := u.upload(t, "long.txt", "text/plain", []byte("more than ten bytes")), u.upload(t, "a.bin", "application/octet-stream", []byte{0, 1, 2})
		stranger, strangers := machines(t, s)
		foreign := stranger.upload(t, "a.txt", "text/plain", []byte("short"))
		good := func() object { return object{"code": "AB-1", "label": "x"} }
		path := entriesPath("machine")
		for name, c := range map[string]struct {
			field string
			value any
		}{
			"required is absent": {"label", absent{}}, "required is null": {"label", nil}, "required is empty": {"label", ""},
			"key is absent": {"code", absent{}}, "too short": {"code", "A"}, "too long": {"code", "ABCDEFG-1"}, "pattern": {"code", "ab-1"},
			"text is a number": {"label", 5}, "text is a list": {"label", list{"x"}}, "character 0": {"label", "a\x00b"},
			"integer is text": {"amount", "many"}, "integer has a fraction": {"amount", 1.5}, "below min": {"amount", -11},
			"above max": {"amount", "9007199254740994"}, "beyond 64 bit": {"amount", "9223372036854775808"}, "no option": {"level", 1},
			"number is text": {"price", "dear"}, "negative": {"price", "-0.01"}, "above the most": {"price", "100000000000000000000"},
			"too many digits": {"price", "1.239"}, "beyond 38 digits": {"exact", "123456789012345678901234567890123456789"},
			"boolean is text": {"active", "yes"}, "no such day": {"built", "2026-02-30"}, "day is a number": {"built", 20260228},
			"no such time": {"starts", "24:30:00"}, "instant without zone": {"seen", "2026-01-31T13:05:00"}, "no address": {"manual", "not an address"},
			"script as address": {"manual", "javascript:alert(1)"}, "no such file": {"picture", random()}, "foreign file": {"picture", foreign},
			"file too large": {"picture", long}, "file of another type": {"picture", kind}, "no such entry": {"maker", random()},
			"foreign entry": {"maker", strangers[0]}, "entry of a list": {"parts", list{makers[0], random()}}, "list is text": {"parts", makers[0]},
			"unknown": {"colour", "red"},
		} {
			fields := good()
			if _, ok := c.value.(absent); ok {
				delete(fields, c.field)
			} else {
				fields[c.field] = c.value
			}
			r := u.call(t, "POST", path, object{"fields": fields}).refusal()
			require.Equal(t, 400, r.Code, "%s: %v", name, r)
			require.Contains(t, r.fields(), "fields."+c.field, "%s: %v", name, r)
			for _, v := range r.Violations {
				require.NotEmpty(t, v.Description, name)
			}
		}
		many := u.call(t, "POST", path, object{"fields": object{"code": "x", "price": "-1", "level": 2}}).refusal()
		require.ElementsMatch(t, []string{"fields.code", "fields.label", "fields.price", "fields.level"}, many.fields(), "all at once")
		require.Equal(t, 0, u.count(t, "machine", ""), "nothing was stored")
		u.create(t, "machine", good())
	})
}

// absent stands for a field that is not given.
type absent struct{}

// TestReferencesThatAreUnique has components whose key is of two fields, whose reference is 1:1 and whose list is 1:M.
func TestReferencesThatAreUnique(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		u.buildComponent(t, object{"id": "person", "displayName": "Person", "model": object{"fields": list{
			object{"name": "name_of", "title": "Name", "type": "FIELD_TYPE_STRING", "primaryKey": true, "query": true}}}})
		u.buildComponent(t, object{"id": "team", "displayName": "Team", "model": object{"fields": list{
			object{"name": "city", "title": "City", "type": "FIELD_TYPE_STRING", "primaryKey": true, "query": true},
			object{"name": "number", "title": "Number", "type": "FIELD_TYPE_INTEGER", "primaryKey": true, "query": true},
			object{"name": "lead", "title": "Lead", "type": "FIELD_TYPE_CATALOG", "catalog": object{"component": "person", "unique": true}},
			object{"name": "members", "title": "Members", "type": "FIELD_TYPE_ARRAY", "array": object{"component": "person", "exclusive": true}},
		}}})
		u.publish(t)
		var people []string
		for _, name := range []string{"Ada", "Ben", "Cid"} {
			people = append(people, text(t, u.create(t, "person", object{"name_of": name}), "id"))
		}
		first := u.create(t, "team", object{"city": "Rome", "number": 1, "lead": people[0], "members": list{people[0], people[1]}})
		path := entriesPath("team")
		for name, c := range map[string]struct {
			fields object
			field  string
		}{
			"key":     {object{"city": "Rome", "number": 1}, "fields.city"},
			"lead":    {object{"city": "Rome", "number": 2, "lead": people[0]}, "fields.lead"},
			"members": {object{"city": "Rome", "number": 3, "members": list{people[2], people[1]}}, "fields.members"},
		} {
			r := u.call(t, "POST", path, object{"fields": c.fields}).refused(409, "ENTRY_EXISTS")
			require.Contains(t, r.fields(), c.field, name)
		}
		require.Equal(t, 1, u.count(t, "team", ""))
		upsert := func(fields object) object {
			return u.call(t, "POST", path+":batchWrite", object{"operations": list{
				object{"action": "WRITE_ACTION_UPSERT", "entry": object{"fields": fields}}}}).ok()
		}
		require.Equal(t, "1", upsert(object{"city": "Rome", "number": 2, "lead": people[1]})["created"], "half a key is not the same")
		updated := upsert(object{"city": "Rome", "number": 1, "members": list{people[2]}})
		require.Equal(t, "1", updated["updated"])
		require.Equal(t, first["id"], at(t, updated, "results", 0, "id"))
		require.Equal(t, "1", upsert(object{"city": "Oslo", "number": 1, "members": list{people[1]}})["created"], "Ben is free again")
	})
}
