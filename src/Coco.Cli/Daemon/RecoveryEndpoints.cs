using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>Recovery keys, which the daemon makes and uses and does not keep.</summary>
internal static class RecoveryEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Post<RecoveryWish, RecoveryMade>("/v1/recovery-keys", static async (call, wish) =>
        {
            var held = call.Network();
            return new(held.NetworkName, await held.Node.SetRecoveryKeyAsync(wish.Key, call.Aborted));
        });
        routes.Post<RecoveryWish, RecoveryMade>("/v1/recoveries", static async (call, wish) =>
        {
            var held = call.Network();
            var key = wish.Key ?? throw ApiException.Of(CocoError.Invalid, "The question lacks the recovery key.");
            return new(held.NetworkName, await held.Node.RecoverAsync(key, call.Aborted));
        });
    }
}
