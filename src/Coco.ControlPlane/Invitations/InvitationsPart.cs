using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Invitations;

/// <summary>Invitations by link.</summary>
internal static class InvitationsPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<InvitationDesk>();
        services.AddSingleton<InvitationNotes>();
        services.AddSingleton<NotePages>();
    }

    public static void Map(ApiRoutes routes, IEndpointRouteBuilder endpoints)
    {
        InvitationOperations.Map(routes);
        JoinPage.Map(endpoints);
        endpoints.ServiceProvider.GetRequiredService<NotePages>().Map(endpoints);
    }
}
