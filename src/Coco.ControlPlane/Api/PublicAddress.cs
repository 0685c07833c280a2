using Coco.ControlPlane.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Coco.ControlPlane.Api;

/// <summary>The address that people and apps use: what links in mails begin with, and the issuer of tokens. Never taken from a request, whose Host
/// header anybody can write.</summary>
internal sealed class PublicAddress(ControlPlaneSettings settings, IServer server)
{
    private string? _url;

    /// <summary>As browsers write an origin: in lower case, without the port of its scheme and without a slash at its end.</summary>
    public string Url => _url ??= new Uri(settings.PublicUrl ?? server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).GetLeftPart(UriPartial.Authority);

    /// <summary>The name by which passkeys know it (WebAuthn §5.1.2, "RP ID").</summary>
    public string Host => new Uri(Url).Host;

    public bool IsHttps => Url.StartsWith("https:", StringComparison.Ordinal);
}
