using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tokens;

/// <summary>Bearer tokens, which all other parts go by.</summary>
internal static class TokensPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<TokenStore>();
        services.AddSingleton<ITokenReader>(static provider => provider.GetRequiredService<TokenStore>());
    }
}
