namespace Coco.ControlPlane.Api;

/// <summary>A page or an endpoint of OAuth: what is outside of the table of operations, for the log and the rates.</summary>
/// <param name="Id">Its name in the log.</param>
/// <param name="TakesCredentials">Whether guesses of secrets have to be slowed down.</param>
internal sealed record Door(string Id, bool TakesCredentials = false);
