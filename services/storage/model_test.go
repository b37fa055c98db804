package storage_test

import (
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"google.golang.org/protobuf/proto"
)

// Short ways to write object models.

func component(id string, fields ...*libraryv1.Field) *libraryv1.Component {
	return &libraryv1.Component{Id: id, Uid: "u_" + id, Model: &libraryv1.ObjectModel{Fields: fields}, Settings: &libraryv1.Settings{}}
}

func field(name string, typ libraryv1.FieldType, edit ...func(*libraryv1.Field)) *libraryv1.Field {
	f := &libraryv1.Field{Id: "id_" + name, Name: name, Type: typ}
	for _, e := range edit {
		e(f)
	}
	return f
}

const (
	typString   = libraryv1.FieldType_FIELD_TYPE_STRING
	typInteger  = libraryv1.FieldType_FIELD_TYPE_INTEGER
	typNumber   = libraryv1.FieldType_FIELD_TYPE_NUMBER
	typBoolean  = libraryv1.FieldType_FIELD_TYPE_BOOLEAN
	typDate     = libraryv1.FieldType_FIELD_TYPE_DATE
	typTime     = libraryv1.FieldType_FIELD_TYPE_TIME
	typDatetime = libraryv1.FieldType_FIELD_TYPE_DATETIME
	typURI      = libraryv1.FieldType_FIELD_TYPE_URI
	typFile     = libraryv1.FieldType_FIELD_TYPE_FILE
	typCatalog  = libraryv1.FieldType_FIELD_TYPE_CATALOG
	typArray    = libraryv1.FieldType_FIELD_TYPE_ARRAY
)

func required(f *libraryv1.Field)  { f.Required = true }
func key(f *libraryv1.Field)       { f.PrimaryKey = true }
func queried(f *libraryv1.Field)   { f.Query = true }
func named(f *libraryv1.Field)     { f.IsName = true }
func virtual(f *libraryv1.Field)   { f.IsVirtual = true }
func sensitive(f *libraryv1.Field) { f.Sensitive = true }

func refers(target string) func(*libraryv1.Field) {
	return func(f *libraryv1.Field) {
		f.Rules = &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: target}}
	}
}

func refersOnce(target string) func(*libraryv1.Field) {
	return func(f *libraryv1.Field) {
		f.Rules = &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: target, Unique: true}}
	}
}

func lists(target string, exclusive bool) func(*libraryv1.Field) {
	return func(f *libraryv1.Field) {
		f.Rules = &libraryv1.Field_Array{Array: &libraryv1.ArrayRules{Component: target, Exclusive: exclusive}}
	}
}

// order has every type of field, and refers to customer.
func order() []*libraryv1.Component {
	return []*libraryv1.Component{
		component("customer",
			field("title", typString, key, required, queried, named),
			field("city", typString),
			field("parent", typCatalog, refers("customer"))),
		component("order",
			field("number", typString, key, queried, named, func(f *libraryv1.Field) {
				f.Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{MinLength: 2, MaxLength: 20, Pattern: "[A-Z]+-[0-9]+"}}
			}),
			field("amount", typInteger, queried, func(f *libraryv1.Field) {
				f.Rules = &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{Min: proto.Int64(-1000), Max: proto.Int64(1 << 62)}}
			}),
			field("state", typInteger, queried, func(f *libraryv1.Field) {
				f.Rules = &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{Options: []*libraryv1.EnumOption{{Value: 0, Label: "Open"}, {Value: 1, Label: "Paid"}}}}
			}),
			field("total", typNumber, queried, func(f *libraryv1.Field) {
				f.Rules = &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "-100", Max: "1000000", Precision: proto.Int32(2)}}
			}),
			field("exact", typNumber),
			field("paid", typBoolean),
			field("due", typDate, queried),
			field("at", typTime),
			field("sent", typDatetime, queried),
			field("link", typURI),
			field("scan", typFile, func(f *libraryv1.Field) {
				f.Rules = &libraryv1.Field_File{File: &libraryv1.FileRules{AcceptedTypes: []string{"image/*"}, MaxBytes: 1000}}
			}),
			field("customer", typCatalog, queried, refers("customer")),
			field("contact", typCatalog, refersOnce("customer")),
			field("watchers", typArray, lists("customer", false)),
			field("owned", typArray, lists("customer", true)),
			field("secret", typString, sensitive),
			field("screen", typString, virtual)),
	}
}
