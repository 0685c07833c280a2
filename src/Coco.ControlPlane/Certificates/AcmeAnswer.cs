using System.Net;

namespace Coco.ControlPlane.Certificates;

/// <summary>What a certificate authority answered.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body, within bounds.</param>
/// <param name="Location">What it made (RFC 8555 §7.3, §7.4).</param>
/// <param name="RetryAfter">When it wants to be asked again (RFC 8555 §7.5.1).</param>
internal sealed record AcmeAnswer(HttpStatusCode Status, string Body, string? Location, TimeSpan? RetryAfter);
