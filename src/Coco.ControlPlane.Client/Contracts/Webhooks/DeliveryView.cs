namespace Coco.ControlPlane.Client.Contracts.Webhooks;

/// <summary>An event on its way to an app's service, or there.</summary>
/// <param name="Id">The event's name, which every attempt carries.</param>
/// <param name="Type">Which event.</param>
/// <param name="State"><c>pending</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Next">When it is tried next; null unless it is pending.</param>
/// <param name="Status">The HTTP status of the last attempt; null where there was none.</param>
public sealed record DeliveryView(string Id, string Type, string State, long Attempts, DateTimeOffset? Next = null, long? Status = null);
