using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Client;

/// <content>What an app's service makes for the developer's own users.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Makes a token for one of the developer's own users, in a network that the app owns.</summary>
    public Task<ExternalToken> CreateExternalTokenAsync(ExternalTokenRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, "/v1/external-tokens", request, ClientJson.Default.ExternalTokenRequest, ClientJson.Default.ExternalToken, cancellationToken);
}
