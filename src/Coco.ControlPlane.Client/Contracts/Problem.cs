namespace Coco.ControlPlane.Client.Contracts;

/// <summary>What was wrong with a request (RFC 9457).</summary>
/// <param name="Type">Which problem, <c>urn:coco:problem:not-found</c> for example. Programs go by this.</param>
/// <param name="Title">The same for people.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is to be done about it.</param>
/// <param name="Instance">The request, as the control plane's log names it.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Instance);
