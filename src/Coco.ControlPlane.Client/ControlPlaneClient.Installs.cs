using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Installs;

namespace Coco.ControlPlane.Client;

/// <content>Installs of apps.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Lists an app's installs: by pseudonyms, but for those in its own developer networks.</summary>
    public Task<Page<InstallView>> ListInstallsAsync(string app, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"/v1/apps/{Uri.EscapeDataString(app)}/installs{QueryOf(cursor)}", ClientJson.Default.PageInstallView, cancellationToken);
}
