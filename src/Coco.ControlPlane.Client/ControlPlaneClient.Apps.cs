using System.Globalization;
using System.Text.Json;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Client;

/// <content>Apps that people register, and what an app's service makes for the developer's own users.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Registers an app. Its secret, where it can keep one, is in this answer only.</summary>
    public Task<AppCreated> CreateAppAsync(AppDefinition definition, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, "/v1/apps", definition, ClientJson.Default.AppDefinition, ClientJson.Default.AppCreated, cancellationToken);

    /// <summary>Lists the caller's apps.</summary>
    public Task<Page<AppView>> ListAppsAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/apps" + QueryOf(cursor), ClientJson.Default.PageAppView, cancellationToken);

    /// <summary>Shows an app.</summary>
    public Task<AppView> GetAppAsync(string app, CancellationToken cancellationToken = default) => GetAsync(PathOf(app), ClientJson.Default.AppView, cancellationToken);

    /// <summary>Changes an app.</summary>
    /// <param name="app">Which one.</param>
    /// <param name="change">What it is to be from now on.</param>
    /// <param name="version">The version that was seen (<see cref="AppView.Version"/>): what others have changed since is not overwritten.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.VersionMismatch"/>: somebody has changed it since.</exception>
    public Task<AppView> UpdateAppAsync(string app, AppChange change, long version, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Put, PathOf(app), JsonSerializer.SerializeToUtf8Bytes(change, ClientJson.Default.AppChange), ("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\"")),
        ClientJson.Default.AppView, cancellationToken);

    /// <summary>Deletes an app and all its tokens.</summary>
    public Task DeleteAppAsync(string app, CancellationToken cancellationToken = default) => SendAsync(HttpMethod.Delete, PathOf(app), null, null, cancellationToken);

    /// <summary>Makes a new secret. The one before is good for a while longer.</summary>
    public Task<AppCreated> RotateAppSecretAsync(string app, SecretRotation rotation, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, PathOf(app) + "/secret", rotation, ClientJson.Default.SecretRotation, ClientJson.Default.AppCreated, cancellationToken);

    /// <summary>Makes a token for one of the developer's own users, in a network that the app owns.</summary>
    public Task<ExternalToken> CreateExternalTokenAsync(ExternalTokenRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, "/v1/external-tokens", request, ClientJson.Default.ExternalTokenRequest, ClientJson.Default.ExternalToken, cancellationToken);

    private static string PathOf(string app) => "/v1/apps/" + Uri.EscapeDataString(app);
}
