using Coco.ControlPlane.Apps;

namespace Coco.ControlPlane.Api;

/// <content>What networks use.</content>
internal static partial class Operations
{
    public static readonly Operation GetUsage =
        new("getUsage", "GET", "/v1/networks/{network}/usage", Access.NetworkAdmin, Scopes.UsageRead, "Shows what the network used of a month; this one, or ?month=2026-11.");

    public static readonly Operation ListNodeUsage =
        new("listNodeUsage", "GET", "/v1/networks/{network}/usage/nodes", Access.NetworkAdmin, Scopes.UsageRead, "Shows what each node used of a month; this one, or ?month=2026-11.");

    public static readonly Operation SetPlan =
        new("setPlan", "PUT", "/v1/networks/{network}/plan", Access.Operator, null, "Gives a network another plan.");
}
