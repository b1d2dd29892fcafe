// Package web is the readers' site: one file and one template a screen.
//
// A screen computes a value (what to show, or where to send the browser) and a short handler obeys it. What is the
// same for many is rendered once and kept (page.Shared), by the access class of the decision and never by reader;
// what is personal fills a hole in it.
package web
