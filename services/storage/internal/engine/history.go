package engine

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// SealedMark precedes the id of a field whose value is encrypted.
const SealedMark = "*"

// writeValues encodes values for the history, by field id. Sensitive ones are sealed.
func (s *session) writeValues(values map[string]any, entry string) ([]byte, error) {
	byID := make(map[string]any, len(values))
	for name, v := range values {
		f, ok := s.component.Field(name)
		if !ok {
			continue
		}
		if f.GetSensitive() && v != nil {
			sealed, err := s.seal(f, entry, v)
			if err != nil {
				return nil, err
			}
			byID[SealedMark+f.GetId()] = sealed
			continue
		}
		byID[f.GetId()] = v
	}
	fields, err := value.MapToProto(byID)
	if err != nil {
		return nil, fmt.Errorf("encode values: %w", err)
	}
	return proto.Marshal(&typev1.MapValue{Fields: fields})
}

// readValues decodes values of the history, by the present names of the fields. Fields that are gone are left out.
func (s *session) readValues(data []byte, entry string) (map[string]any, error) {
	var m typev1.MapValue
	if err := proto.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("decode values: %w", err)
	}
	byID, err := value.MapFromProto(m.GetFields())
	if err != nil {
		return nil, fmt.Errorf("decode values: %w", err)
	}
	out := make(map[string]any, len(byID))
	for id, v := range byID {
		id, sealed := strings.CutPrefix(id, SealedMark)
		f, ok := s.component.FieldByID(id)
		if !ok {
			continue
		}
		if sealed {
			data, _ := v.([]byte)
			if v, err = Unseal(s.place.Key, s.component, f, entry, data); err != nil {
				return nil, err
			}
		}
		out[f.GetName()] = v
	}
	return out, nil
}

func (s *session) seal(f *model.Field, entry string, v any) ([]byte, error) {
	p, err := value.ToProto(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.GetId(), err)
	}
	plain, err := proto.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.GetId(), err)
	}
	return s.place.Key.Seal(plain, SealContext(s.component, f, entry))
}

// Unseal decrypts a sensitive value of an entry; nothing gives null.
func Unseal(key *keys.DataKey, c *model.Component, f *model.Field, entry string, sealed []byte) (any, error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := key.Open(sealed, SealContext(c, f, entry))
	if err != nil {
		return nil, fmt.Errorf("decrypt %s: %w", f.GetId(), err)
	}
	var p typev1.Value
	if err := proto.Unmarshal(plain, &p); err != nil {
		return nil, fmt.Errorf("decode %s: %w", f.GetId(), err)
	}
	v, _, err := value.FromProto(&p)
	return v, err
}
