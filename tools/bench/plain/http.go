package plain

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
)

// overHTTP answers with the standard library alone.
func overHTTP(rows entries) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/components/invoice/entries/{entry}", func(w http.ResponseWriter, r *http.Request) {
		found, err := rows.get(r.Context(), r.PathValue("entry"))
		answer(w, found, err)
	})
	mux.HandleFunc("GET /v1/components/invoice/entries", func(w http.ResponseWriter, r *http.Request) {
		found, err := rows.list(r.Context())
		answer(w, map[string][]entry{"entries": found}, err)
	})
	return mux
}

func answer(w http.ResponseWriter, body any, err error) {
	if errors.Is(err, pgx.ErrNoRows) {
		http.Error(w, "no such entry", http.StatusNotFound)
		return
	}
	text, encodeErr := json.Marshal(body)
	if err := errors.Join(err, encodeErr); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // a client that has gone needs no answer
}
