package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	sqliteschema "go.temporal.io/server/schema/sqlite"
)

const clusterName = "active"

// openDatabase prepares the SQLite store: its schema when the file is new, and every namespace that is missing.
// created says whether the namespaces just written already carry the search attributes.
func openDatabase(o *options) (store *config.SQL, created bool, err error) {
	store = &config.SQL{PluginName: sqlite.PluginName, ConnectAttributes: map[string]string{}}
	if o.database == "" {
		// A name of its own per process: shared-cache memory databases are addressed by name.
		store.DatabaseName = uuid.NewString()
		store.ConnectAttributes["mode"] = "memory"
		store.ConnectAttributes["cache"] = "shared"
		created = true
	} else {
		store.DatabaseName = o.database
		store.ConnectAttributes["mode"] = "rwc"
		if created, err = createFile(o.database); err != nil {
			return nil, false, err
		}
	}
	for name, value := range o.pragmas {
		if o.database != "" || name != "journal_mode" { // a memory database has no journal file to configure
			store.ConnectAttributes[name] = value
		}
	}
	for _, name := range o.namespaces {
		namespace, err := sqliteschema.NewNamespaceConfig(clusterName, name, false, o.searchAttributes)
		if err != nil {
			return nil, false, err
		}
		if err := sqliteschema.CreateNamespaces(store, namespace); err != nil {
			return nil, false, fmt.Errorf("database %s: %w", o.databaseLabel(), err)
		}
	}
	return store, created, nil
}

// createFile writes an empty Temporal schema when path does not exist. The schema is built under another name and renamed:
// a process killed half-way must not leave a file that looks like a database for ever after.
func createFile(path string) (created bool, err error) {
	if _, err := os.Stat(path); err == nil {
		return false, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return false, fmt.Errorf("--db-filename: the folder %s does not exist", filepath.Dir(path))
	}
	draft := fmt.Sprintf("%s.%d.new", path, os.Getpid())
	defer os.Remove(draft)
	err = sqliteschema.SetupSchema(&config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      draft,
		ConnectAttributes: map[string]string{"mode": "rwc"},
	})
	if err != nil {
		return false, fmt.Errorf("creating %s: %w", path, err)
	}
	return true, os.Rename(draft, path)
}
