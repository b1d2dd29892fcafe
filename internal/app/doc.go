// Package app puts the program together: every service is built here by hand, from the configuration, and handed to
// those that need it. Nothing in the program is global, and nothing registers itself.
//
// Services are what commands work with. An App is a node that serves: Services with the site on a listener and the
// workers in the background. Any number of Apps may run over one PostgreSQL, and several in one process.
package app
