namespace Coco.ControlPlane.Settings;

/// <summary>How events are told to services of apps.</summary>
internal sealed record WebhookSettings
{
    /// <summary>Whether http, and addresses that are not of the internet, are told too: where the services run on the same machine or site. Default false.</summary>
    public bool AllowsPrivateTargets { get; init; }
}
